//! What operators ask: is it alive, does it hear the authority, what has it answered.
//!
//! On a listener of its own: some proxies ask the agent about a request by the request's own path,
//! and a path that is answered 200 to everybody would be a path that everybody may pass.

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use rescind_http::{OpenMetrics, open_metrics};
use serde::Serialize;

use super::Agent;

/// The operators' paths.
pub(crate) fn router(agent: Agent) -> Router {
    Router::new()
        .route("/healthz", get(async || StatusCode::OK))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(agent)
}

/// How the authority is heard.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Readiness {
    in_touch: bool,
    /// `null`: it was never heard.
    silent_for_seconds: Option<u64>,
}

/// Answers 200 while the authority is heard, and 503 otherwise.
async fn readyz(State(agent): State<Agent>) -> (StatusCode, Json<Readiness>) {
    let in_touch = agent.verifier.is_in_touch();
    let silence = agent.verifier.silence().map(|silence| silence.as_secs());
    let status = if in_touch { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { in_touch, silent_for_seconds: silence }))
}

async fn metrics(State(agent): State<Agent>) -> Result<OpenMetrics, StatusCode> {
    open_metrics(agent.metrics.to_text(&agent.verifier))
}
