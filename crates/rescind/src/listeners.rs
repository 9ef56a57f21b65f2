//! The ports of the server, and how each is spoken to.

use std::{net::SocketAddr, num::NonZeroUsize, sync::Arc};

use anyhow::Context as _;
use rescind_http::{ConnectionLimits, Listener, Transport};
use tokio::net::TcpListener;

use crate::{config::Config, tls::Certificate};

/// Operators are few, and their connections are not counted among those of clients.
pub(crate) const OPERATORS: ConnectionLimits = {
    let few = NonZeroUsize::new(64).unwrap();
    ConnectionLimits { connections: few, connections_per_address: few }
};

/// All of them, open.
pub(crate) struct Listeners {
    /// For clients.
    pub(crate) clients: Listener,
    /// Plain HTTP, for clients that are to come by https.
    pub(crate) redirect: Option<Listener>,
    /// For operators.
    pub(crate) operators: Option<Listener>,
    /// What those that speak TLS are secured with.
    pub(crate) certificates: Vec<Certificate>,
}

impl Listeners {
    /// Opens all that `config` names.
    ///
    /// # Errors
    ///
    /// One sentence says which address or certificate cannot be used, and why.
    pub(crate) async fn open(config: &Config) -> anyhow::Result<Self> {
        let clients = match &config.tls {
            Some(files) => Some(Certificate::load(files.clone(), None).await?),
            None => None,
        };
        let operators = match (&config.tls, &config.operator_client_ca) {
            (Some(files), Some(ca)) => {
                Some(Certificate::load(files.clone(), Some(ca.clone())).await?)
            }
            _ => None,
        };
        let transport = |certificate: &Option<Certificate>| Transport {
            tls: certificate.as_ref().map(Certificate::tls),
            proxies: Arc::clone(&config.proxies),
        };
        let plain = transport(&None);
        let to_operators = Transport { proxies: Arc::default(), ..transport(&operators) };
        let maybe = async |address, option, transport| match address {
            Some(address) => listen(address, option, transport).await.map(Some),
            None => Ok(None),
        };
        Ok(Self {
            clients: listen(config.listen, "--listen", transport(&clients)).await?,
            redirect: maybe(config.http_redirect_listen, "--http-redirect-listen", plain).await?,
            operators: maybe(config.operator_listen, "--operator-listen", to_operators).await?,
            certificates: [clients, operators].into_iter().flatten().collect(),
        })
    }
}

/// Opens a port; one that cannot be is named with its option.
pub(crate) async fn listen(
    address: SocketAddr,
    option: &str,
    transport: Transport,
) -> anyhow::Result<Listener> {
    let tcp = TcpListener::bind(address).await;
    let tcp = tcp.with_context(|| {
        format!("cannot listen on {address}: name a free address with {option}")
    })?;
    Ok(Listener { tcp, transport })
}
