//! Plain HTTP where TLS is mandatory (oauth-endpoints.md 5.1 row 0).

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, Uri, header::LOCATION},
};

/// Sends everybody to the same path below `public_url`, which is an https one.
pub fn redirect_router(public_url: &str) -> Router {
    Router::new().fallback(send_to).with_state(Arc::from(public_url.trim_end_matches('/')))
}

async fn send_to(
    State(public_url): State<Arc<str>>,
    uri: Uri,
) -> (StatusCode, [(HeaderName, HeaderValue); 1]) {
    // Neither the `*` of OPTIONS nor the target of CONNECT is a path.
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let path = if path.starts_with('/') { path } else { "/" };
    let location = HeaderValue::try_from(format!("{public_url}{path}"));
    let location = location.unwrap_or_else(|_| HeaderValue::from_static("/"));
    (StatusCode::MOVED_PERMANENTLY, [(LOCATION, location)])
}
