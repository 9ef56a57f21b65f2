//! What a 401 asks for (oauth-endpoints.md 3, conventions.md 1.1).

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header::WWW_AUTHENTICATE},
    middleware::Next,
    response::Response,
};
use rescind_authority::Authority;
use rescind_core::{
    digest::{Algorithm, REALM},
    random::{Random as _, SystemRandom},
};

/// The scheme of the OAuth endpoints.
pub(crate) const BASIC: HeaderValue = HeaderValue::from_static(r#"Basic realm="MMS Public API""#);

/// The scheme of the management API, for a request without a token (RFC 6750 section 3).
const BEARER: HeaderValue = HeaderValue::from_static(r#"Bearer realm="MMS Public API""#);

/// The same, for a token that is expired, revoked or not one of ours (RFC 6750 section 3.1).
const INVALID_TOKEN: HeaderValue =
    HeaderValue::from_static(r#"Bearer realm="MMS Public API", error="invalid_token""#);

/// Why a 401 of the management API is one. It travels beside the answer to [`add`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// Other credentials may do.
    Credentials,
    /// Another token may do.
    InvalidToken,
    /// The same API key will do with another nonce: nobody has to be asked for it anew.
    StaleNonce,
}

/// Adds the challenges to an answer that needs them: what the contract prints first, since MongoDB's
/// own library for Go reads that line alone; then the better hash, then tokens. Without `authority`
/// no API key is asked for.
pub(crate) async fn add(
    State(authority): State<Option<Authority>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    if let Some(challenge) = response.extensions_mut().remove::<Challenge>() {
        let nonce = authority.and_then(|authority| authority.challenge());
        challenge.write(nonce.as_deref(), response.headers_mut());
    }
    response
}

impl Challenge {
    /// Writes the lines; `nonce` is for an API key to prove itself with.
    fn write(self, nonce: Option<&str>, headers: &mut HeaderMap) {
        if let Some(nonce) = nonce {
            // One nonce for both (RFC 7616 section 3.9.1): some clients join the lines to one.
            for algorithm in [Algorithm::Md5, Algorithm::Sha256] {
                let stale = self == Self::StaleNonce;
                headers.append(WWW_AUTHENTICATE, line(nonce, algorithm, "qop", stale));
            }
        } else {
            headers.append(WWW_AUTHENTICATE, as_printed());
        }
        let bearer = match self {
            Self::Credentials | Self::StaleNonce => BEARER,
            Self::InvalidToken => INVALID_TOKEN,
        };
        headers.append(WWW_AUTHENTICATE, bearer);
    }
}

/// The line that the contract prints, `op` for `qop` included: where no API key is taken. Its nonce
/// leads nowhere.
pub(crate) fn as_printed() -> HeaderValue {
    let mut nonce = [0; 16];
    SystemRandom.fill(&mut nonce);
    line(&hex::encode(nonce), Algorithm::Md5, "op", false)
}

/// One line, in the layout that MongoDB's own library takes apart: it knows these parameters and
/// `opaque`, and a comma with one space (conventions.md 1.1).
fn line(nonce: &str, algorithm: Algorithm, qop: &str, stale: bool) -> HeaderValue {
    let algorithm = algorithm.as_str();
    let line = format!(
        r#"Digest realm="{REALM}", domain="", nonce="{nonce}", algorithm={algorithm}, {qop}="auth", stale={stale}"#
    );
    // A nonce is letters and digits.
    HeaderValue::try_from(line).unwrap_or(BASIC)
}
