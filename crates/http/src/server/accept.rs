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

/// The next connection. What goes wrong with one is no reason to take no more.
pub(super) async fn next(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    retried(|context| {
        listener.poll_accept(context).map(|accepted| accepted.and_then(without_delay))
    })
    .await
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

/// Answers are sent at once, and not held back in the hope of more.
fn without_delay(accepted: (TcpStream, SocketAddr)) -> io::Result<(TcpStream, SocketAddr)> {
    accepted.0.set_nodelay(true)?;
    Ok(accepted)
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, InvalidInput};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | InvalidInput)
}
