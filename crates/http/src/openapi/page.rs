//! `GET /docs`: the description of the API, for people.
//!
//! The page is plain HTML, made of the document once. It has no script, so it may load nothing and
//! run nothing.

use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    Extension,
    http::{
        HeaderName, HeaderValue,
        header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use minijinja::{Environment, context};
use serde_json::Value;

const STYLE: &str = include_str!("page.css");
const TEMPLATE: &str = include_str!("page.html");

/// The page as it is sent.
#[derive(Clone)]
pub(crate) struct Page {
    html: Bytes,
    policy: HeaderValue,
}

impl From<&Value> for Page {
    fn from(document: &Value) -> Self {
        let mut environment = Environment::new();
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        #[expect(clippy::expect_used, reason = "the template and the document are our own")]
        let html = environment
            // The name has the ending of what is escaped as HTML.
            .render_named_str("page.html", TEMPLATE, context! { document, style => STYLE })
            .expect("the template fits the document");
        let style = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'"
        );
        let policy = HeaderValue::try_from(policy);
        Self {
            html: html.into(),
            policy: policy.unwrap_or(HeaderValue::from_static("default-src 'none'")),
        }
    }
}

/// Answers 200.
#[utoipa::path(
    get,
    path = "",
    summary = "Read the description of the API",
    tag = "Server",
    responses((status = 200, description = "A page", body = String, content_type = "text/html"))
)]
pub(crate) async fn get(
    Extension(page): Extension<Page>,
) -> ([(HeaderName, HeaderValue); 4], Bytes) {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, page.policy),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, page.html)
}
