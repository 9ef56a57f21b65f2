//! The headers that the contract prints for each status (oauth-endpoints.md 3, conventions.md 1).

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, StatusCode, Version,
        header::{CONNECTION, CONTENT_TYPE, SERVER, STRICT_TRANSPORT_SECURITY as HSTS, VARY},
    },
    middleware::Next,
    response::Response,
};
use rescind_authority::Authority;

const SERVICE_VERSION: &str = "x-mongodb-service-version";
const SERVICE_VERSION_VALUE: HeaderValue = HeaderValue::from_static(concat!(
    "gitHash=",
    env!("RESCIND_GIT_HASH"),
    "; versionString=",
    env!("CARGO_PKG_VERSION")
));

/// Adds the headers of the contract to an answer, by its status.
pub(crate) async fn add(
    State(headers): State<ContractHeaders>,
    request: Request,
    next: Next,
) -> Response {
    let persistence = persistence(&request);
    let mut response = next.run(request).await;
    headers.add(response.status(), persistence, response.headers_mut());
    response
}

/// The headers of the contract.
///
/// | status | headers, besides `Date` and `Content-Length` |
/// |---|---|
/// | 400 | `Server`, HSTS of a year, version |
/// | 401 | `Content-Type` with a charset, `Connection` (and the challenges, which its error adds) |
/// | 5xx | `Vary`, HSTS of five minutes, version |
/// | all others | as 5xx, and `Connection` |
#[derive(Clone, Copy, Debug)]
pub(crate) struct ContractHeaders {
    /// HSTS is only for what travels over TLS (RFC 6797 section 7.2).
    over_tls: bool,
}

impl ContractHeaders {
    pub(crate) fn new(authority: &Authority) -> Self {
        Self { over_tls: authority.issuer().starts_with("https://") }
    }

    fn add(self, status: StatusCode, persistence: Option<HeaderValue>, headers: &mut HeaderMap) {
        let hsts = |headers: &mut HeaderMap, value| {
            if self.over_tls {
                headers.insert(HSTS, HeaderValue::from_static(value));
            }
        };
        match status {
            StatusCode::BAD_REQUEST => {
                headers.insert(SERVER, HeaderValue::from_static("mdbws"));
                hsts(headers, "max-age=31536000; includeSubdomains;");
                headers.insert(SERVICE_VERSION, SERVICE_VERSION_VALUE);
            }
            StatusCode::UNAUTHORIZED => {
                let json = HeaderValue::from_static("application/json;charset=ISO-8859-1");
                headers.insert(CONTENT_TYPE, json);
                connection(headers, persistence);
            }
            _ => {
                headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
                hsts(headers, "max-age=300");
                headers.insert(SERVICE_VERSION, SERVICE_VERSION_VALUE);
                if !status.is_server_error() {
                    connection(headers, persistence);
                }
            }
        }
    }
}

/// An endpoint that closes the connection has said so already.
fn connection(headers: &mut HeaderMap, persistence: Option<HeaderValue>) {
    if let Some(persistence) = persistence {
        headers.entry(CONNECTION).or_insert(persistence);
    }
}

/// What to say of the connection: what the client asked for; nothing where HTTP has no such header
/// (RFC 9113 section 8.2.2) or where the server library decides (HTTP/1.0).
fn persistence(request: &Request) -> Option<HeaderValue> {
    if request.version() != Version::HTTP_11 {
        return None;
    }
    let asked_to_close = request.headers().get_all(CONNECTION).iter().any(|value| {
        let tokens = value.to_str().unwrap_or_default().split(',');
        tokens.map(str::trim).any(|token| token.eq_ignore_ascii_case("close"))
    });
    Some(HeaderValue::from_static(if asked_to_close { "close" } else { "keep-alive" }))
}
