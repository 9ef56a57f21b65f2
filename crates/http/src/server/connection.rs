//! One connection, from its first byte to its last.

use std::net::SocketAddr;

use tokio::{net::TcpStream, sync::watch};

use super::{admission::Place, http::Http};
use crate::ClientAddress;

/// Serves the connection from `peer` until either side ends it.
pub(super) async fn serve(
    http: Http,
    stream: TcpStream,
    peer: SocketAddr,
    mut place: Place,
    stop: watch::Receiver<bool>,
) {
    let address = peer.ip().to_canonical();
    if !place.count_for(address) {
        tracing::debug!(%peer, "the address has too many connections: one more is closed");
        return;
    }
    if let Err(error) = http.serve(stream, ClientAddress(address), place, stop).await {
        tracing::debug!(%peer, error, "a connection ended early");
    }
}
