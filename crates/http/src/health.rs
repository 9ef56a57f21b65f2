//! `GET /healthz` and `GET /readyz`: is the process alive, and can it do its work?

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse as _, Response},
};
use rescind_authority::{Authority, Readiness};
use serde::Serialize;
use utoipa::ToSchema;

/// Does nothing else, which makes it the measure of what a request costs by itself.
#[utoipa::path(
    get,
    path = "",
    summary = "Ask whether the server is alive",
    tag = "Server",
    responses((status = 200, description = "It is; there is no body"))
)]
pub(crate) async fn healthz() -> StatusCode {
    StatusCode::OK
}

/// What is asked for, and whether it is there.
#[derive(Serialize, ToSchema)]
#[schema(as = Readiness)]
#[serde(rename_all = "camelCase")]
struct Body {
    store_writable: bool,
    change_log_followed: bool,
    stopping: bool,
}

/// Answers 200 when requests can be served, and otherwise 503 and what is missing. No disk is
/// asked, so that nobody can make it busy from here.
#[utoipa::path(
    get,
    path = "",
    summary = "Ask whether the server is ready",
    tag = "Server",
    responses(
        (status = 200, description = "It is", body = Body),
        (
            status = 503,
            description = "It is not, and why",
            body = Body,
            headers(("Retry-After" = u64, description = "Seconds"))
        )
    )
)]
pub(crate) async fn readyz(State(authority): State<Authority>) -> Response {
    let readiness = authority.readiness();
    let Readiness { store_writable, log_followed, stopping } = readiness;
    let body = Json(Body { store_writable, change_log_followed: log_followed, stopping });
    if readiness.is_ready() {
        return body.into_response();
    }
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, body).into_response();
    response.headers_mut().insert(RETRY_AFTER, RETRY_SECONDS);
    response
}

/// The store is tried again every ten seconds.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("10");
