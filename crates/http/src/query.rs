//! Query parameters, as the contract reads them: what is unknown is ignored.

use std::borrow::Cow;

use axum::http::Uri;

/// The first value of the parameter `name`.
pub(crate) fn value<'a>(uri: &'a Uri, name: &str) -> Option<Cow<'a, str>> {
    form_urlencoded::parse(uri.query()?.as_bytes()).find(|(key, _)| key == name).map(|(_, v)| v)
}

/// Whether the parameter `name` is `true`; anything else counts as false (conventions.md 3).
pub(crate) fn flag(uri: &Uri, name: &str) -> bool {
    value(uri, name).as_deref() == Some("true")
}
