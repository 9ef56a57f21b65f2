//! The wire contract over HTTP: parse a request, call one use case, answer.
//!
//! Every path stands on one page, `routes`. An endpoint is a file: `oauth/` has those that speak
//! OAuth 2.0, `admin/` the management API, `feed/` what resource servers follow, `well_known` what others discover. `middleware/` holds
//! what the contract says of all answers alike.

mod admin;
mod body;
mod feed;
mod health;
mod metrics;
mod middleware;
mod oauth;
mod openapi;
mod operations;
mod overload;
mod query;
mod rate_limit;
mod redirect;
mod routes;
mod server;
mod well_known;

pub use self::{
    admin::digest,
    metrics::Metrics,
    middleware::client_address::ClientAddress,
    oauth::{basic, form},
    operations::{OpenMetrics, open_metrics, operations_router},
    redirect::redirect_router,
    routes::router,
    server::{
        Admission, ConnectionLimits, ForwardedHeader, Hop, Identity, Listener, Malformed, Peer,
        Tls, TlsError, Transport, TrustedProxies, proxy_protocol, serve, serve_local,
    },
};
