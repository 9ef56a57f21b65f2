//! The answer to a request that may pass: who asks, for the application behind the proxy.

use std::{fmt::Write as _, sync::Arc};

use axum::{
    Extension,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
};
use rescind_verifier::{Account, Token};

const CLIENT_ID: HeaderName = HeaderName::from_static("x-rescind-client-id");
const ORGANIZATION: HeaderName = HeaderName::from_static("x-rescind-organization");
const ROLES: HeaderName = HeaderName::from_static("x-rescind-roles");
const GROUP_ROLES: HeaderName = HeaderName::from_static("x-rescind-group-roles");
const EXPIRES: HeaderName = HeaderName::from_static("x-rescind-expires");
const TOKEN_ID: HeaderName = HeaderName::from_static("x-rescind-token-id");

/// Answers 200 with all of the headers, each time: a proxy puts those that it gets in the place of
/// the client's own, and one that were missing would leave the client's in place.
pub(super) async fn answer(
    Extension(token): Extension<Arc<Token>>,
) -> Result<HeaderMap, StatusCode> {
    let account = &token.account;
    let mut headers = HeaderMap::with_capacity(6);
    headers.insert(EXPIRES, token.expires_at.into());
    for (name, text) in [
        (CLIENT_ID, &token.client_id),
        (ORGANIZATION, &account.org_id),
        (ROLES, &account.roles.join(",")),
        (GROUP_ROLES, &group_roles(account)),
        (TOKEN_ID, &token.token_id),
    ] {
        let value = HeaderValue::try_from(text.as_str());
        headers.insert(name, value.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?);
    }
    Ok(headers)
}

/// `GROUP:ROLE` for each role in a project, with commas between.
fn group_roles(account: &Account) -> String {
    let mut text = String::new();
    for group in &account.groups {
        for role in &group.roles {
            let comma = if text.is_empty() { "" } else { "," };
            let _ = write!(text, "{comma}{}:{role}", group.group_id);
        }
    }
    text
}
