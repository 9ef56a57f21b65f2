//! One request to the router, and its answer.

use axum::{
    Router,
    body::{Body, Bytes},
    http::{
        HeaderMap, Request,
        header::{AUTHORIZATION, CONTENT_TYPE},
        request::Builder,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http_body_util::BodyExt as _;
use rescind_http::ClientAddress;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::app::Account;

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// The value of an `Authorization` header with these halves, as they are.
pub(crate) fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

pub(crate) struct Call {
    router: Router,
    request: Builder,
    body: Body,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Call {
    pub(crate) fn new(router: Router, method: &str, target: &str) -> Self {
        let request = Request::builder().method(method).uri(target);
        Self { router, request, body: Body::empty() }
    }

    /// One more line of header.
    pub(crate) fn header(mut self, name: impl AsRef<str>, value: impl AsRef<[u8]>) -> Self {
        self.request = self.request.header(name.as_ref(), value.as_ref());
        self
    }

    pub(crate) fn basic(self, id: &str, secret: &str) -> Self {
        self.header(AUTHORIZATION, basic(id, secret))
    }

    /// Presents the first secret of `account`.
    pub(crate) fn by(self, account: &Account) -> Self {
        self.basic(&account.id, account.secret())
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header(AUTHORIZATION, format!("Bearer {token}"))
    }

    pub(crate) fn form(self, body: &str) -> Self {
        self.header(CONTENT_TYPE, FORM).body(body.to_owned())
    }

    pub(crate) fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// Comes from `address`; without this, from nowhere.
    pub(crate) fn from(mut self, address: &str) -> Self {
        self.request = self.request.extension(ClientAddress(address.parse().unwrap()));
        self
    }

    pub(crate) async fn send(self) -> Answer {
        let request = self.request.body(self.body).unwrap();
        let response = self.router.oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// All lines of a header, in their order.
    pub(crate) fn lines(&self, name: &str) -> Vec<&str> {
        self.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
    }

    /// What the headers tell of a rate limit: requests, those that are left, seconds until then.
    pub(crate) fn rate_limit(&self) -> [&str; 3] {
        let names = ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"];
        names.map(|name| self.lines(name).first().copied().unwrap_or("absent"))
    }

    /// Status and body: what most rows of the contract are about.
    pub(crate) fn outcome(&self) -> (u16, &str) {
        (self.status, self.text())
    }
}
