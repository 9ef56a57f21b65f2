//! `GET /openapi.json`: the description of the API, for programs.

use axum::{
    Extension,
    http::{HeaderName, header::CONTENT_TYPE},
};
use bytes::Bytes;
use serde_json::Value;

/// The document as it is sent.
#[derive(Clone)]
pub(crate) struct Text(Bytes);

impl From<&Value> for Text {
    fn from(document: &Value) -> Self {
        Self(document.to_string().into())
    }
}

/// Answers 200.
#[utoipa::path(
    get,
    path = "",
    summary = "Describe the API",
    tag = "Server",
    responses((status = 200, description = "This document", body = Object))
)]
pub(crate) async fn get(
    Extension(Text(document)): Extension<Text>,
) -> ([(HeaderName, &'static str); 1], Bytes) {
    ([(CONTENT_TYPE, "application/json")], document)
}
