//! One connection, from its first byte to its last.

use std::{
    error::Error,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    net::{TcpStream, UnixStream},
    sync::watch,
    time::timeout,
};

use super::{
    admission::Place,
    http::Http,
    transport::{Stream, Transport},
    trusted_proxies::Peer,
};

/// How long it may take until HTTP can be spoken: for a header of the PROXY protocol, and for both
/// sides to agree on TLS.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// How the connections of a listener are served.
#[derive(Clone)]
pub(super) struct Connections {
    pub(super) http: Http,
    pub(super) transport: Transport,
}

impl Connections {
    /// Serves the connection from `from` until either side ends it.
    pub(super) async fn serve(
        self,
        stream: TcpStream,
        from: SocketAddr,
        mut place: Place,
        mut stop: watch::Receiver<bool>,
    ) {
        let Self { http, transport } = self;
        let served = async {
            let opened = timeout(HANDSHAKE_TIMEOUT, open(&transport, stream, from, &mut place));
            let (stream, peer) = tokio::select! {
                opened = opened => opened??,
                // Nothing has been asked yet.
                _ = stop.wait_for(|stop| *stop) => return Ok(()),
            };
            http.serve(stream, peer, transport.proxies, place, stop).await
        };
        if let Err(error) = served.await {
            tracing::debug!(%from, error, "a connection ended early");
        }
    }

    /// The same for a connection from this machine, which has no address.
    pub(super) async fn serve_local(
        self,
        stream: UnixStream,
        place: Place,
        stop: watch::Receiver<bool>,
    ) {
        let Self { http, transport } = self;
        let peer = Peer { address: Ipv4Addr::UNSPECIFIED.into(), is_proxy: false };
        if let Err(error) = http.serve(stream, peer, transport.proxies, place, stop).await {
            tracing::debug!(error, "a local connection ended early");
        }
    }
}

/// Makes the connection one over which HTTP can be spoken, if there is room for it.
async fn open(
    transport: &Transport,
    mut stream: TcpStream,
    from: SocketAddr,
    place: &mut Place,
) -> Result<(Stream, Peer), Box<dyn Error + Send + Sync>> {
    let peer = transport.identify(&mut stream, from).await?;
    // A proxy has as many as it has clients.
    if !peer.is_proxy && !place.count_for(peer.address) {
        return Err("its address has too many connections".into());
    }
    Ok((transport.secure(stream).await?, peer))
}
