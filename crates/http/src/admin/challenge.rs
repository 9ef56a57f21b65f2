//! What a 401 asks for (oauth-endpoints.md 3, conventions.md 1.1).

use axum::http::HeaderValue;
use rescind_core::random::{Random as _, SystemRandom};

const REALM: &str = "MMS Public API";

/// The scheme of the OAuth endpoints.
pub(crate) const BASIC: HeaderValue = HeaderValue::from_static(r#"Basic realm="MMS Public API""#);

/// The scheme of the management API, for a request without a token (RFC 6750 section 3).
pub(crate) const BEARER: HeaderValue = HeaderValue::from_static(r#"Bearer realm="MMS Public API""#);

/// The same, for a token that is expired, revoked or not one of ours (RFC 6750 section 3.1).
pub(crate) const INVALID_TOKEN: HeaderValue =
    HeaderValue::from_static(r#"Bearer realm="MMS Public API", error="invalid_token""#);

/// The line that the contract prints first, `op` for `qop` included, with a nonce of its own.
pub(crate) fn digest() -> HeaderValue {
    let mut nonce = [0; 16];
    SystemRandom.fill(&mut nonce);
    let nonce = hex::encode(nonce);
    let challenge = format!(
        r#"Digest realm="{REALM}", domain="", nonce="{nonce}", algorithm=MD5, op="auth", stale=false"#
    );
    HeaderValue::try_from(challenge).unwrap_or(BASIC)
}
