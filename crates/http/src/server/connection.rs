//! One connection, from its first byte to its last.

use std::{
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body, http::Request};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::Watcher},
};
use tokio::{net::TcpStream, time::timeout};
use tower::ServiceExt as _;

use crate::ClientAddress;

/// How long a client may take to send its headers.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);

/// How often a silent peer of HTTP/2 is asked whether it is still there.
const PING_INTERVAL: Duration = Duration::from_secs(30);

/// How all connections of a listener are served.
#[derive(Clone)]
pub(super) struct Connections {
    http: auto::Builder<TokioExecutor>,
    router: Router,
}

impl Connections {
    pub(super) fn new(router: Router) -> Self {
        let mut http = auto::Builder::new(TokioExecutor::new());
        http.http1()
            .title_case_headers(true)
            // Answers are short: to copy one behind its headers costs less than to send it in two
            // parts.
            .writev(false)
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT)
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(PING_INTERVAL);
        Self { http, router }
    }

    /// Serves the connection from `peer` until either side ends it.
    pub(super) async fn serve(self, stream: TcpStream, peer: SocketAddr, graceful: Watcher) {
        let router = self.router;
        let begun = Arc::new(AtomicBool::new(false));
        let has_begun = Arc::clone(&begun);
        let service = service_fn(move |request: Request<Incoming>| {
            begun.store(true, Ordering::Relaxed);
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ClientAddress(peer.ip().to_canonical()));
            router.clone().oneshot(request)
        });
        let connection = self.http.serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(graceful.watch(connection));
        // The header timeout starts only when it is known which HTTP is spoken.
        let ended = match timeout(HEADER_TIMEOUT, &mut connection).await {
            Err(_) if !has_begun.load(Ordering::Relaxed) => return,
            Err(_) => connection.await,
            Ok(ended) => ended,
        };
        if let Err(error) = ended {
            tracing::debug!(%peer, error, "a connection ended early");
        }
    }
}
