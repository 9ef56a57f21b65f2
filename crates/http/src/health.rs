//! `GET /healthz`: the process is alive and answers.

use axum::http::StatusCode;

/// Does nothing else, which makes it the measure of what a request costs by itself.
pub(crate) async fn healthz() -> StatusCode {
    StatusCode::OK
}
