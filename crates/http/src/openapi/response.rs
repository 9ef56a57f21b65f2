//! Errors that many operations answer with, written down once.

use axum::http::StatusCode;
use enumset::EnumSet;
use serde_json::{Map, Value, json};
use utoipa::{PartialSchema as _, ToSchema as _};

use crate::{
    admin::{error::ErrorView, error_code::ErrorCode},
    oauth,
};

const MANAGEMENT_BODY: &str = "Error";
const OAUTH_BODY: &str = "OauthError";

/// The statuses of the OAuth endpoints that are errors (oauth-endpoints.md 4).
pub(super) const OAUTH: [StatusCode; 6] = [
    StatusCode::BAD_REQUEST,
    StatusCode::UNAUTHORIZED,
    StatusCode::FORBIDDEN,
    StatusCode::PAYLOAD_TOO_LARGE,
    StatusCode::INTERNAL_SERVER_ERROR,
    StatusCode::SERVICE_UNAVAILABLE,
];

/// What the answer with this status is called; where a family of endpoints has its own, it is named.
pub(super) fn name(status: StatusCode, family: &str) -> String {
    let phrase = status.canonical_reason().unwrap_or_default();
    family.to_owned() + &phrase.replace(' ', "")
}

/// All of them, by their names.
pub(super) fn all() -> Map<String, Value> {
    let mut responses = Map::new();
    for status in statuses() {
        let codes = EnumSet::all().iter().filter(|code: &ErrorCode| code.status() == status);
        responses.insert(name(status, ""), of_management(status, codes.collect()));
    }
    for status in [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN] {
        let own = EnumSet::all().iter().filter(|code: &ErrorCode| code.status() == status);
        let own: EnumSet<ErrorCode> = own.collect();
        // A lacking role (conventions.md 2.3).
        let codes = match status {
            StatusCode::FORBIDDEN => own | ErrorCode::DENIED,
            _ => own - ErrorCode::DENIED,
        };
        responses.insert(name(status, "Atlas"), of_management(status, codes));
    }
    for status in OAUTH.into_iter().chain([StatusCode::TOO_MANY_REQUESTS]) {
        responses.insert(name(status, "Oauth"), of_oauth(status));
    }
    responses
}

/// The schemas of their bodies, by their names.
pub(super) fn schemas() -> Map<String, Value> {
    let mut schemas = vec![
        (MANAGEMENT_BODY.to_owned(), ErrorView::schema()),
        (OAUTH_BODY.to_owned(), oauth::Description::schema()),
    ];
    ErrorView::schemas(&mut schemas);
    oauth::Description::schemas(&mut schemas);
    schemas.into_iter().map(|(name, schema)| (name, json!(schema))).collect()
}

/// Every status that a code has, once.
fn statuses() -> Vec<StatusCode> {
    let mut statuses: Vec<_> = EnumSet::all().iter().map(ErrorCode::status).collect();
    statuses.sort_unstable();
    statuses.dedup();
    statuses
}

fn of_management(status: StatusCode, codes: EnumSet<ErrorCode>) -> Value {
    let mut names: Vec<_> = codes.iter().map(|code| format!("`{}`", code.name())).collect();
    names.sort_unstable();
    response(status, &format!("`errorCode` is {}", names.join(" or ")), MANAGEMENT_BODY)
}

fn of_oauth(status: StatusCode) -> Value {
    let mut response = response(status, "See `error_description`", OAUTH_BODY);
    // The contract has no body for it.
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response["description"] = "More is asked than can be done; there is no body.".into();
        response["content"] = json!({});
    }
    response
}

fn response(status: StatusCode, what: &str, schema: &str) -> Value {
    let phrase = status.canonical_reason().unwrap_or_default();
    let schema = json!({ "$ref": format!("#/components/schemas/{schema}") });
    let mut response = json!({
        "description": format!("{phrase}. {what}."),
        "content": { "application/json": { "schema": schema } },
    });
    let header = |name: &str, what: &str, kind: &str| {
        let header = json!({ "description": what, "required": true, "schema": { "type": kind } });
        json!({ name: header })
    };
    if status == StatusCode::UNAUTHORIZED {
        let what = "The schemes that would do, a line for each";
        response["headers"] = header("WWW-Authenticate", what, "string");
    }
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        response["headers"] = header("Retry-After", "Seconds", "integer");
    }
    response
}
