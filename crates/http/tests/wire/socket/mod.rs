//! What only bytes on a connection can show: `rescind_http::serve` on a port of the system's choice.

mod addresses;
mod bodies;
mod connection;
mod heads;
mod http2;
mod keep_alive;
mod limits;
mod shutdown;
mod smuggling;
mod stalled;
pub(crate) mod tls;

use std::{net::SocketAddr, num::NonZeroUsize, time::Duration};

use axum::Router;
use rescind_http::{Admission, ConnectionLimits, Listener, Transport};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::timeout};

pub(crate) use self::connection::{Connection, RawAnswer};
use crate::{app::TestApp, call::FORM};

/// Longer than anything takes that is not broken.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server over an app, until it is stopped or the test ends.
pub(crate) struct Server {
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(app: &TestApp) -> Self {
        Self::of(app.router(), Transport::default()).await
    }

    /// Within these limits, and watched by the metrics of the app.
    pub(crate) async fn with(app: &TestApp, limits: ConnectionLimits) -> Self {
        let admission = Admission::new(limits).watched_by(&app.metrics);
        Self::admitting(app.router(), Transport::default(), admission).await
    }

    /// Of this service, which connections reach so.
    pub(crate) async fn of(router: Router, transport: Transport) -> Self {
        let many = NonZeroUsize::new(10_000).unwrap();
        let limits = ConnectionLimits { connections: many, connections_per_address: many };
        Self::serve(router, transport, limits).await
    }

    /// Both.
    pub(crate) async fn serve(
        router: Router,
        transport: Transport,
        limits: ConnectionLimits,
    ) -> Self {
        Self::admitting(router, transport, Admission::new(limits)).await
    }

    async fn admitting(router: Router, transport: Transport, admission: Admission) -> Self {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = tcp.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let listener = Listener { tcp, transport };
        let serving = tokio::spawn(async move {
            // A sender that is dropped leaves the server running.
            let stopped = async {
                if stopped.await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            rescind_http::serve(listener, router, admission, stopped).await;
        });
        Self { address, stop, serving }
    }

    pub(crate) async fn connect(&self) -> Connection {
        Connection::to(self.address).await
    }

    /// Asks it to stop, and returns what ends when it has.
    pub(crate) fn stop(self) -> JoinHandle<()> {
        self.stop.send(()).unwrap();
        self.serving
    }
}

/// Waits for what must happen soon.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("still waiting for {what}"))
}

/// A request with a form, for the owner of `app`, with these lines of header besides.
pub(crate) fn post(app: &TestApp, path: &str, lines: &str, form: &str) -> String {
    let basic = crate::call::basic(&app.owner.id, app.owner.secret());
    let length = form.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {basic}\r\n\
         Content-Type: {FORM}\r\nContent-Length: {length}\r\n{lines}\r\n{form}"
    )
}

/// The same without a body, and with what `lines` say of one.
pub(crate) fn post_head(app: &TestApp, path: &str, lines: &str) -> String {
    post(app, path, lines, "").replace("Content-Length: 0\r\n", "")
}
