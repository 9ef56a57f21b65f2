//! What operators ask, on a listener of its own: is it alive, is it ready, how does it do.

mod metrics;

pub use self::metrics::{OpenMetrics, open_metrics};

use axum::{Router, routing::get};
use rescind_authority::Authority;

use crate::{
    Metrics,
    health::{healthz, readyz},
};

/// The operators' paths over `authority`.
pub fn operations_router(authority: Authority, metrics: Metrics) -> Router {
    Router::new()
        .route("/metrics", get(metrics::get).with_state(metrics))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .with_state(authority)
}
