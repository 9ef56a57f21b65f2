//! `GET /statuslists/{list}`: a status list, signed (IETF Token Status List, "Status List Request").

use axum::{
    extract::{Path, Request, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER, VARY},
    },
    response::{IntoResponse as _, Response},
};
use rescind_authority::Authority;
use rescind_core::{status_list::ListId, status_list_token};

use super::{EVENT, event_number};
use crate::overload;

const MEDIA_TYPE: HeaderValue = HeaderValue::from_static(status_list_token::MEDIA_TYPE);

/// As long as the list itself says (`ttl`).
const TTL: HeaderValue = HeaderValue::from_static("public, max-age=60");
const _: () = assert!(status_list_token::TTL_SECONDS == 60);

/// Answers 200 with the list, 304 to whoever has it already, 404 when all its tokens have expired
/// or there was none, and 406 to whoever takes no JWT. Anybody may ask: a bit tells nothing to
/// those who do not have the token.
#[utoipa::path(
    get,
    path = "",
    summary = "Get a status list",
    description = "Signed (IETF Token Status List).",
    tag = "Feed",
    params(
        ("If-None-Match" = Option<String>, Header, description = "The list that one has")
    ),
    responses(
        (
            status = 200,
            description = "The list",
            body = String,
            content_type = "application/statuslist+jwt",
            headers(
                ("ETag" = String),
                ("Rescind-Event" = u64, description = "True up to this event")
            )
        ),
        (status = 304, description = "It has not changed"),
        (status = 404, description = "No live token is in such a list"),
        (status = 406, description = "The client takes no such list"),
        (status = 503, description = "Too much is asked for at once; nothing was done")
    )
)]
pub(crate) async fn get(
    State(authority): State<Authority>,
    Path(list): Path<String>,
    request: Request,
) -> Response {
    if overload::is_excess(request.extensions()) {
        let retry = [(RETRY_AFTER, overload::RETRY_SECONDS)];
        return (StatusCode::SERVICE_UNAVAILABLE, retry).into_response();
    }
    let headers = request.headers();
    if !accepts(headers) {
        return StatusCode::NOT_ACCEPTABLE.into_response();
    }
    // The number as it is written, so that a list has one address.
    let id = list.parse().ok().filter(|id: &ListId| id.to_string() == list);
    let found = match id {
        Some(id) => authority.status_list(id).await,
        None => None,
    };
    let Some(found) = found else { return StatusCode::NOT_FOUND.into_response() };
    let etag = etag(&found.token);
    let known = headers.get_all(IF_NONE_MATCH).iter().any(|value| names(value, &etag));
    let about = [
        (ETAG, etag),
        (CACHE_CONTROL, TTL),
        (VARY, HeaderValue::from_static("Accept")),
        (EVENT, event_number(found.event)),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, about).into_response();
    }
    (about, [(CONTENT_TYPE, MEDIA_TYPE)], found.token.to_string()).into_response()
}

/// Whether the client takes a JWT: it says nothing, or names it, or all of its kind.
fn accepts(headers: &HeaderMap) -> bool {
    let mut accepted = headers.get_all(ACCEPT).iter().peekable();
    accepted.peek().is_none()
        || accepted.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(
            |range| {
                let mut parts = range.split(';').map(str::trim);
                let media = parts.next().unwrap_or_default();
                let refused = parts.any(|part| {
                    part.strip_prefix("q=").is_some_and(|q| q.parse::<f32>() == Ok(0.0))
                });
                !refused
                    && [status_list_token::MEDIA_TYPE, "application/*", "*/*"]
                        .iter()
                        .any(|known| media.eq_ignore_ascii_case(known))
            },
        )
}

/// The signature is another one whenever the text is.
fn etag(token: &str) -> HeaderValue {
    let signature = token.rsplit('.').next().unwrap_or_default();
    HeaderValue::try_from(format!("\"{signature}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// Whether an `If-None-Match` names this tag, compared weakly (RFC 9110 section 13.1.2).
fn names(value: &HeaderValue, etag: &HeaderValue) -> bool {
    let (Ok(value), Ok(etag)) = (value.to_str(), etag.to_str()) else { return false };
    value
        .split(',')
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}
