//! Query parameters, as the contract reads them: what is unknown is ignored.

use std::borrow::Cow;

use axum::http::Uri;

/// The first value of the parameter `name`.
pub(crate) fn value<'a>(uri: &'a Uri, name: &str) -> Option<Cow<'a, str>> {
    values(uri, name).next()
}

/// All values of the parameter `name`.
pub(crate) fn values<'a>(uri: &'a Uri, name: &str) -> impl Iterator<Item = Cow<'a, str>> {
    let query = uri.query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).filter(move |(key, _)| key == name).map(|(_, v)| v)
}

/// Whether the parameter `name` is `true`; anything else counts as false (conventions.md 3).
pub(crate) fn flag(uri: &Uri, name: &str) -> bool {
    value(uri, name).as_deref() == Some("true")
}
