//! `GET /metrics`: what Prometheus reads.

use axum::{
    extract::State,
    http::{HeaderName, StatusCode, header::CONTENT_TYPE},
};

use crate::Metrics;

const OPEN_METRICS: [(HeaderName, &str); 1] =
    [(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")];

/// Answers 200 with all of them.
pub(super) async fn get(
    State(metrics): State<Metrics>,
) -> Result<([(HeaderName, &'static str); 1], String), StatusCode> {
    let text = metrics.to_text().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok((OPEN_METRICS, text))
}
