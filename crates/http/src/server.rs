//! Connections: accepted, served, and finished before the process ends.

use std::{
    io,
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
    server::{conn::auto, graceful::GracefulShutdown},
};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tower::ServiceExt as _;

use crate::ClientAddress;

/// How long a client may take to send its headers.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);

/// How often a silent peer of HTTP/2 is asked whether it is still there.
const PING_INTERVAL: Duration = Duration::from_secs(30);

/// How long what is in flight may take to finish when the server ends.
const GRACE: Duration = Duration::from_secs(30);

/// How long to wait when the system has no more file handles for connections.
const OUT_OF_HANDLES: Duration = Duration::from_millis(100);

/// Serves `router` on `listener` until `shutdown` resolves; then takes no more connections,
/// finishes the requests that are in flight, and returns. Clients that stop in the middle of one
/// are waited for no longer than half a minute.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send,
) {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1()
        .title_case_headers(true)
        // Answers are short: to copy one behind its headers costs less than to send it in two parts.
        .writev(false)
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_INTERVAL);
    let connections = GracefulShutdown::new();
    tokio::pin!(shutdown);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = &mut shutdown => break,
        };
        let router = router.clone();
        let begun = Arc::new(AtomicBool::new(false));
        let has_begun = Arc::clone(&begun);
        let service = service_fn(move |request: Request<Incoming>| {
            begun.store(true, Ordering::Relaxed);
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ClientAddress(peer.ip().to_canonical()));
            router.clone().oneshot(request)
        });
        let connection = http.serve_connection(TokioIo::new(stream), service).into_owned();
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            let mut connection = pin!(connection);
            // The header timeout starts only when it is known which HTTP is spoken.
            let ended = match timeout(HEADER_TIMEOUT, &mut connection).await {
                Err(_) if !has_begun.load(Ordering::Relaxed) => return,
                Err(_) => connection.await,
                Ok(ended) => ended,
            };
            if let Err(error) = ended {
                tracing::debug!(%peer, error, "a connection ended early");
            }
        });
    }
    drop(listener);
    if timeout(GRACE, connections.shutdown()).await.is_err() {
        tracing::warn!("some clients did not finish their requests, and are cut off");
    }
}

/// The next connection. What goes wrong with one is no reason to take no more.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await.and_then(without_delay) {
            Ok(accepted) => return accepted,
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "cannot accept connections"
                );
                tokio::time::sleep(OUT_OF_HANDLES).await;
            }
        }
    }
}

/// Answers are sent at once, and not held back in the hope of more.
fn without_delay(accepted: (TcpStream, SocketAddr)) -> io::Result<(TcpStream, SocketAddr)> {
    accepted.0.set_nodelay(true)?;
    Ok(accepted)
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, InvalidInput};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | InvalidInput)
}
