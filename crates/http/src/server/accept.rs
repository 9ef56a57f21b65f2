//! The next connection of a port.

use std::{
    error::Error,
    future::poll_fn,
    io,
    net::SocketAddr,
    task::{Context, Poll},
    time::Duration,
};

use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

/// How long to wait when the system has no more file handles for connections.
const OUT_OF_HANDLES: Duration = Duration::from_millis(100);

/// How long the other side may leave unacknowledged, on the level of TCP, what was sent to it, in
/// milliseconds. Without this, one that has vanished is noticed when the system gives up sending
/// again, after a quarter of an hour; until then it would count as a follower of the feed.
const UNACKNOWLEDGED_MILLIS: u32 = 30_000;

/// The next connection. What goes wrong with one is no reason to take no more.
pub(super) async fn next(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    retried(|context| listener.poll_accept(context).map(|accepted| accepted.and_then(set))).await
}

/// The next connection of a socket of this machine.
pub(super) async fn next_local(listener: &UnixListener) -> UnixStream {
    retried(|context| listener.poll_accept(context)).await.0
}

async fn retried<T>(mut accept: impl FnMut(&mut Context<'_>) -> Poll<io::Result<T>>) -> T {
    loop {
        match poll_fn(&mut accept).await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(error = &error as &dyn Error, "cannot accept connections");
                tokio::time::sleep(OUT_OF_HANDLES).await;
            }
        }
    }
}

fn set(accepted: (TcpStream, SocketAddr)) -> io::Result<(TcpStream, SocketAddr)> {
    // Answers are sent at once, and not held back in the hope of more.
    accepted.0.set_nodelay(true)?;
    #[cfg(target_os = "linux")]
    rustix::net::sockopt::set_tcp_user_timeout(&accepted.0, UNACKNOWLEDGED_MILLIS)?;
    Ok(accepted)
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, InvalidInput};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | InvalidInput)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_connection_whose_other_side_has_vanished_is_given_up_soon() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (accepted, _) = next(&listener).await;
        let timeout = rustix::net::sockopt::tcp_user_timeout(&accepted).unwrap();
        assert_eq!(timeout, UNACKNOWLEDGED_MILLIS);
        assert!(accepted.nodelay().unwrap());
    }
}
