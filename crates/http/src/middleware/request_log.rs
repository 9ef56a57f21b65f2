//! One line of log and one count per request, and the only place that logs why one failed.

use std::{error::Error, sync::Arc, time::Instant};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};

use crate::Metrics;

/// Why an answer is a 5xx. It travels beside the answer and is never sent.
#[derive(Clone, Debug)]
pub(crate) struct Cause(pub(crate) Arc<dyn Error + Send + Sync>);

/// Logs the request: an error with its cause, or a line for whoever turns on `debug`. The query
/// and all headers are left out, since clients put secrets where they do not belong. Counts it
/// under its endpoint.
pub(crate) async fn log(State(metrics): State<Metrics>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let endpoint = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    if let Some(Cause(cause)) = response.extensions().get() {
        let error: &(dyn Error + 'static) = &**cause;
        tracing::error!(%method, path, status, error, "{method} {path} failed");
    } else {
        tracing::debug!(%method, path, status, "{method} {path} {status}");
    }
    metrics.answered(endpoint.as_ref(), &method, response.status(), started.elapsed());
    response
}
