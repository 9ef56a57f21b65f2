//! HTTP on one connection: what a client may send, and when it has to go.

use std::{convert::Infallible, error::Error, pin::pin, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, HttpBody as _},
    http::{HeaderValue, Request, StatusCode, Version, header::CONNECTION},
    response::{IntoResponse as _, Response},
};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::watch,
    time::{sleep, timeout},
};
use tower::ServiceExt as _;

use super::{
    activity::{Activity, Working},
    admission::{Place, PlaceOfRequest},
    streamed::Streamed,
    trusted_proxies::{Malformed, Peer, TrustedProxies},
};
use crate::{ClientAddress, overload};

/// How many bytes are kept of a request's head that is not complete yet. A token has about 800.
/// Lines are limited by the server library, to 100.
const MAX_HEAD: u32 = 16 * 1024;

/// The most requests at once on one connection of HTTP/2: as many as RFC 9113 section 6.5.2 asks
/// for.
const MAX_STREAMS: u32 = 100;

/// How many bytes a client of HTTP/2 may send ahead of what is read, in one stream and in all: the
/// largest body of an OAuth request, and a few of them.
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 256 * 1024;

/// How many bytes of an answer are kept for a client of HTTP/2 ahead of what it takes.
const MAX_UNSENT: usize = 64 * 1024;

/// How long a client may take from its connection to its first request.
const FIRST_REQUEST: Duration = Duration::from_secs(30);

/// How long a connection may be without a request; load balancers give up theirs after a minute,
/// and should be the first to.
const IDLE: Duration = Duration::from_secs(75);

/// The same while there is hardly a place left for others.
const IDLE_IN_A_CROWD: Duration = Duration::from_secs(5);

/// How often it is looked at that.
const LOOK: Duration = Duration::from_secs(5);

/// How long an answer may take to be sent, and a connection to be closed, when it has to go.
const LINGER: Duration = Duration::from_secs(2);

/// How HTTP is spoken on all connections of a listener.
#[derive(Clone)]
pub(super) struct Http {
    builder: auto::Builder<TokioExecutor>,
    router: Router,
}

impl Http {
    pub(super) fn new(router: Router) -> Self {
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder
            .http1()
            .title_case_headers(true)
            // Answers are short: to copy one behind its headers costs less than to send it in two
            // parts.
            .writev(false)
            .max_buf_size(MAX_HEAD as usize)
            // How long a head may take is measured for both kinds of HTTP alike, by `Activity`.
            .header_read_timeout(None)
            .http2()
            .max_header_list_size(MAX_HEAD)
            .max_concurrent_streams(MAX_STREAMS)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_send_buf_size(MAX_UNSENT);
        Self { builder, router }
    }

    /// Serves a connection of `peer`, which may be one of `proxies`, until either side ends it, the
    /// server stops, or it has to go.
    ///
    /// # Errors
    ///
    /// Those of the connection: it ended early, or what came was no HTTP.
    pub(super) async fn serve<I>(
        self,
        io: I,
        peer: Peer,
        proxies: Arc<TrustedProxies>,
        place: Place,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), Box<dyn Error + Send + Sync>>
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Self { builder, router } = self;
        let activity = Arc::new(Activity::new());
        let service = service_fn(|request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            let (router, client) = match proxies.client(peer, request.headers()) {
                Ok(client) => {
                    request.extensions_mut().insert(ClientAddress(client));
                    (Some(router.clone()), client)
                }
                Err(Malformed) => (None, peer.address),
            };
            let named = (client != peer.address).then_some(client);
            answer(router, request, activity.begin(), place.of_request(named))
        });
        let mut connection = pin!(builder.serve_connection(TokioIo::new(io), service));
        tokio::select! {
            ended = &mut connection => return ended,
            _ = stop.wait_for(|stop| *stop) => {}
            () = until_unwanted(&activity, &place) => {}
        }
        activity.end();
        connection.as_mut().graceful_shutdown();
        loop {
            match timeout(LINGER, &mut connection).await {
                Ok(ended) => return ended,
                Err(_) if activity.idle_for().is_some_and(|idle| idle >= LINGER) => return Ok(()),
                Err(_) => {}
            }
        }
    }
}

/// Answers a request; one without a place is told that it is one too many, and one whose origin is
/// not understood, for which there is no router, gets a 400.
async fn answer(
    router: Option<Router>,
    mut request: Request<Body>,
    working: Working,
    place: Option<PlaceOfRequest>,
) -> Result<Response, Infallible> {
    if place.is_none() {
        overload::mark_excess(request.extensions_mut());
    }
    let may_name_connection = request.version() < Version::HTTP_2;
    let mut response = match router {
        Some(router) => router.oneshot(request).await?,
        None => StatusCode::BAD_REQUEST.into_response(),
    };
    if working.is_last() && may_name_connection {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if response.body().size_hint().exact().is_none() {
        let streaming = working.streams();
        response = response.map(|body| Body::new(Streamed::new(body, streaming, place)));
    }
    Ok(response)
}

/// Returns when nothing was asked for too long.
async fn until_unwanted(activity: &Activity, place: &Place) {
    loop {
        sleep(LOOK).await;
        let patience = if activity.is_streaming() {
            IDLE
        } else if place.is_crowded() {
            IDLE_IN_A_CROWD
        } else if activity.is_unused() {
            FIRST_REQUEST
        } else {
            IDLE
        };
        if activity.idle_for().is_some_and(|idle| idle >= patience) {
            return;
        }
    }
}
