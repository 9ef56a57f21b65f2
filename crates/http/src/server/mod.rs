//! Connections: accepted, served, and finished before the process ends.
//!
//! | module | what |
//! |---|---|
//! | `accept` | the next connection of a port |
//! | `admission` | how many connections and requests are let in |
//! | `connection` | one connection, from its first byte to its last |
//! | `http` | HTTP on a connection: what a client may send, and when it has to go |
//! | `activity` | whether a connection is in use |

mod accept;
mod activity;
mod admission;
mod connection;
mod http;

use std::time::Duration;

use axum::Router;
use tokio::{net::TcpListener, sync::watch, time::timeout};

pub use self::admission::{Admission, ConnectionLimits};
use self::http::Http;

/// How long what is in flight may take to finish when the server ends.
const GRACE: Duration = Duration::from_secs(30);

/// Serves `router` on `listener` to as many as `admission` lets in, until `shutdown` resolves; then
/// takes no more connections, finishes the requests that are in flight, and returns. Clients that
/// stop in the middle of one are waited for no longer than half a minute.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    admission: Admission,
    shutdown: impl Future<Output = ()> + Send,
) {
    let http = Http::new(router);
    let (stopping, stop) = watch::channel(false);
    let take = async {
        // What there is no place for waits in the backlog of the system.
        while let Some(place) = admission.place().await {
            let (stream, peer) = accept::next(&listener).await;
            tokio::spawn(connection::serve(http.clone(), stream, peer, place, stop.clone()));
        }
    };
    tokio::select! {
        () = take => {}
        () = shutdown => {}
    }
    drop((listener, stop));
    stopping.send_replace(true);
    if timeout(GRACE, stopping.closed()).await.is_err() {
        tracing::warn!("some clients did not finish their requests, and are cut off");
    }
}
