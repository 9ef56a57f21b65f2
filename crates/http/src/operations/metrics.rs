//! `GET /metrics`: what Prometheus reads.

use std::fmt;

use axum::{
    extract::State,
    http::{HeaderName, StatusCode, header::CONTENT_TYPE},
};

use crate::Metrics;

/// A text of `OpenMetrics` and what it is.
pub type OpenMetrics = ([(HeaderName, &'static str); 1], String);

/// Answers 200 with `text`, which is written to memory alone: a failure is a 500.
///
/// # Errors
///
/// 500.
pub fn open_metrics(text: Result<String, fmt::Error>) -> Result<OpenMetrics, StatusCode> {
    let text = text.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text))
}

/// Answers 200 with all of them.
pub(super) async fn get(State(metrics): State<Metrics>) -> Result<OpenMetrics, StatusCode> {
    open_metrics(metrics.to_text())
}
