//! What happens on a connection before HTTP is spoken.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;

use super::{
    proxy_protocol,
    tls::Tls,
    trusted_proxies::{Peer, TrustedProxies},
};

/// How the connections of a listener reach HTTP.
#[derive(Clone, Debug, Default)]
pub struct Transport {
    /// TLS; `None`: in the clear.
    pub tls: Option<Arc<Tls>>,
    /// Those who may speak for others.
    pub proxies: Arc<TrustedProxies>,
}

/// What HTTP is spoken over.
pub(super) type Stream = Either<TcpStream, Box<TlsStream<TcpStream>>>;

impl Transport {
    /// Who has opened this connection.
    ///
    /// # Errors
    ///
    /// It has to begin with a header of the PROXY protocol, and does not, or comes from somebody
    /// who is not trusted with one.
    pub(super) async fn identify(
        &self,
        stream: &mut TcpStream,
        from: SocketAddr,
    ) -> io::Result<Peer> {
        let from: IpAddr = from.ip().to_canonical();
        if !self.proxies.proxy_protocol {
            return Ok(self.proxies.peer(from));
        }
        if !self.proxies.trusts(from) {
            return Err(io::Error::other("a header of the PROXY protocol from a stranger"));
        }
        Ok(match proxy_protocol::take_header(stream).await? {
            Some(named) => self.proxies.peer(named),
            // Whoever speaks behind it is not known to be a proxy.
            None => Peer { address: from, is_proxy: false },
        })
    }

    /// The connection that HTTP is spoken over.
    ///
    /// # Errors
    ///
    /// The client and this server did not agree on TLS.
    pub(super) async fn secure(&self, stream: TcpStream) -> io::Result<Stream> {
        match &self.tls {
            None => Ok(Either::Left(stream)),
            Some(tls) => tls.accept(stream).await.map(Box::new).map(Either::Right),
        }
    }
}
