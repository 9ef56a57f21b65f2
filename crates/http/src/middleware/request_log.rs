//! One line of log per request, and the only place that logs why one failed.

use std::{error::Error, sync::Arc};

use axum::{extract::Request, middleware::Next, response::Response};

/// Why an answer is a 5xx. It travels beside the answer and is never sent.
#[derive(Clone, Debug)]
pub(crate) struct Cause(pub(crate) Arc<dyn Error + Send + Sync>);

/// Logs the request: an error with its cause, or a line for whoever turns on `debug`. The query
/// and all headers are left out, since clients put secrets where they do not belong.
pub(crate) async fn log(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    if let Some(Cause(cause)) = response.extensions().get() {
        let error: &(dyn Error + 'static) = &**cause;
        tracing::error!(%method, path, status, error, "{method} {path} failed");
    } else {
        tracing::debug!(%method, path, status, "{method} {path} {status}");
    }
    response
}
