//! Connections: accepted, served, and finished before the process ends.
//!
//! | module | what |
//! |---|---|
//! | `accept` | the next connection of a port |
//! | `connection` | one connection, from its first byte to its last |

mod accept;
mod connection;

use std::time::Duration;

use axum::Router;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::{net::TcpListener, time::timeout};

use self::connection::Connections;

/// How long what is in flight may take to finish when the server ends.
const GRACE: Duration = Duration::from_secs(30);

/// Serves `router` on `listener` until `shutdown` resolves; then takes no more connections,
/// finishes the requests that are in flight, and returns. Clients that stop in the middle of one
/// are waited for no longer than half a minute.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send,
) {
    let graceful = GracefulShutdown::new();
    let connections = Connections::new(router);
    tokio::pin!(shutdown);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = accept::next(&listener) => accepted,
            () = &mut shutdown => break,
        };
        tokio::spawn(connections.clone().serve(stream, peer, graceful.watcher()));
    }
    drop(listener);
    if timeout(GRACE, graceful.shutdown()).await.is_err() {
        tracing::warn!("some clients did not finish their requests, and are cut off");
    }
}
