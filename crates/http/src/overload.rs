//! More than can be worked on at once: answered 503 before anything is done for it
//! (oauth-endpoints.md 5.1, row 2).

use axum::http::{Extensions, HeaderValue};

/// `Retry-After`: what waits is worked off in less.
pub(crate) const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("1");

/// Marks a request as one too many. The listener counts them; what a refusal looks like, endpoints
/// know.
#[derive(Clone, Copy)]
struct Excess;

/// Marks a request as one too many.
pub(crate) fn mark_excess(extensions: &mut Extensions) {
    extensions.insert(Excess);
}

/// Whether a request is one too many.
pub(crate) fn is_excess(extensions: &Extensions) -> bool {
    extensions.get::<Excess>().is_some()
}
