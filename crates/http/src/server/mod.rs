//! Connections: accepted, served, and finished before the process ends.
//!
//! | module | what |
//! |---|---|
//! | `accept` | the next connection of a port |
//! | `transport` | what happens on it before HTTP is spoken |
//! | `tls` | TLS, with a certificate that can be exchanged |
//! | `proxy_protocol`, `forwarded`, `trusted_proxies` | where it came from, and each of its requests |
//! | `admission` | how many connections and requests are let in |
//! | `connection` | one connection, from its first byte to its last |
//! | `http` | HTTP on a connection: what a client may send, and when it has to go |
//! | `activity`, `streamed` | whether a connection is in use |

mod accept;
mod activity;
mod admission;
mod connection;
mod forwarded;
mod http;
pub mod proxy_protocol;
mod streamed;
mod tls;
mod transport;
mod trusted_proxies;

use std::{io, time::Duration};

use axum::Router;
use tokio::{
    net::{TcpListener, UnixListener},
    sync::watch,
    time::timeout,
};

pub(crate) use self::admission::AdmissionMetrics;
pub use self::{
    admission::{Admission, ConnectionLimits},
    forwarded::{ForwardedHeader, Hop},
    tls::{Identity, Tls, TlsError},
    transport::Transport,
    trusted_proxies::{Malformed, Peer, TrustedProxies},
};
use self::{connection::Connections, http::Http};

/// How long what is in flight may take to finish when the server ends.
const GRACE: Duration = Duration::from_secs(30);

/// A port to serve on.
#[derive(Debug)]
pub struct Listener {
    /// The port.
    pub tcp: TcpListener,
    /// How what comes there reaches HTTP.
    pub transport: Transport,
}

impl Listener {
    /// `http://HOST:PORT`, or `https` where TLS is spoken.
    ///
    /// # Errors
    ///
    /// The operating system does not tell the address.
    pub fn url(&self) -> io::Result<String> {
        let scheme = if self.transport.tls.is_some() { "https" } else { "http" };
        self.tcp.local_addr().map(|address| format!("{scheme}://{address}"))
    }
}

/// Serves `router` on `listener` to as many as `admission` lets in, until `shutdown` resolves; then
/// takes no more connections, finishes the requests that are in flight, and returns. Clients that
/// stop in the middle of one are waited for no longer than half a minute.
pub async fn serve(
    listener: Listener,
    router: Router,
    admission: Admission,
    shutdown: impl Future<Output = ()> + Send,
) {
    let Listener { tcp, transport } = listener;
    let connections = Connections { http: Http::new(router), transport };
    serve_port(Port::Tcp(tcp), connections, admission, shutdown).await;
}

/// The same on a socket of this machine. Who is at the other end has no address there.
pub async fn serve_local(
    socket: UnixListener,
    router: Router,
    admission: Admission,
    shutdown: impl Future<Output = ()> + Send,
) {
    let connections = Connections { http: Http::new(router), transport: Transport::default() };
    serve_port(Port::Local(socket), connections, admission, shutdown).await;
}

/// What connections are taken from.
enum Port {
    Tcp(TcpListener),
    Local(UnixListener),
}

async fn serve_port(
    port: Port,
    connections: Connections,
    admission: Admission,
    shutdown: impl Future<Output = ()> + Send,
) {
    let (stopping, stop) = watch::channel(false);
    let take = async {
        // What there is no place for waits in the backlog of the system.
        while let Some(room) = admission.room().await {
            let (connections, stop) = (connections.clone(), stop.clone());
            match &port {
                Port::Tcp(listener) => {
                    let (stream, from) = accept::next(listener).await;
                    let place = admission.place(room);
                    tokio::spawn(connections.serve(stream, from, place, stop));
                }
                Port::Local(listener) => {
                    let stream = accept::next_local(listener).await;
                    let place = admission.place(room);
                    tokio::spawn(connections.serve_local(stream, place, stop));
                }
            }
        }
    };
    tokio::select! {
        () = take => {}
        () = shutdown => {}
    }
    drop((port, stop));
    stopping.send_replace(true);
    if timeout(GRACE, stopping.closed()).await.is_err() {
        tracing::warn!("some clients did not finish their requests, and are cut off");
    }
}
