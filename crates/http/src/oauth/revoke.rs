//! `POST /api/oauth/revoke`: take one access token back (RFC 7009).

use std::time::Duration;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header::CONTENT_TYPE},
    response::Response,
};
use rescind_authority::{Attempt, Authority, Receipt};

use super::{error::OauthError, limit::limited, prefer, request::Received, token_form::TokenForm};
use crate::feed::{EVENT, event_number};

/// The contract names a type although there is no body (oauth-endpoints.md 2.2).
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// RFC 7240: what was done of that which a client would like.
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// How many followers have applied the revocation, and how many there are.
const FOLLOWERS: HeaderName = HeaderName::from_static("rescind-followers");

/// The longest that an answer is held back for followers.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Answers 200 with an empty body once the token is dead on disk, with the number of the event that
/// followers of the feed hear of. With `Prefer: wait=N` it is held back for up to N seconds, until
/// all of them have applied it.
#[utoipa::path(
    post,
    path = "",
    summary = "Revoke an access token",
    description = "It is dead, on disk, once this is answered. Whatever is no live token is dead \
                   already. With `Prefer: wait=N` the answer waits for followers of the feed.",
    tag = "OAuth 2.0",
    params(("Prefer" = Option<String>, Header, description = "`wait=N`, for up to N seconds")),
    request_body(content = inline(TokenForm), content_type = "application/x-www-form-urlencoded"),
    responses((
        status = 200,
        description = "It is dead; there is no body",
        headers(
            ("Rescind-Event" = u64, description = "The number of the event in the change log"),
            ("Rescind-Followers" = String, description = "How many have applied it, if asked to wait")
        )
    ))
)]
pub(crate) async fn post(
    State(authority): State<Authority>,
    request: Request,
) -> Result<Response, OauthError> {
    let request = Received::read(request).await?;
    Ok(limited(&authority, Attempt::Revoke, &request, answer(&authority, &request)).await)
}

/// `token_type_hint` is only a hint: it may stand once, and every token is looked up alike.
async fn answer(authority: &Authority, request: &Received) -> Result<HeaderMap, OauthError> {
    let (client, form) = request.accept(authority, TokenForm::PARAMETERS)?;
    let token = form.get(TokenForm::TOKEN).ok_or(OauthError::InvalidRequest)?;
    let event = authority.revoke(&client, token).await?;
    let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, JSON), (EVENT, event_number(event))]);
    if let Some(patience) = prefer::wait(request.headers()) {
        let org_id = client.principal().rights.org_id;
        let receipt = authority.receipt_within(org_id, event, patience.min(LONGEST_WAIT)).await;
        let Receipt { connected, applied, complete, .. } = receipt;
        let followers = HeaderValue::try_from(format!("applied={applied}, connected={connected}"));
        headers.extend(followers.ok().map(|followers| (FOLLOWERS, followers)));
        if complete {
            headers.insert(PREFERENCE_APPLIED, HeaderValue::from_static("wait"));
        }
    }
    Ok(headers)
}
