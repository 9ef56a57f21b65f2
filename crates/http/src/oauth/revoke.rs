//! `POST /api/oauth/revoke`: take one access token back (RFC 7009).

use axum::{
    extract::{Request, State},
    http::{HeaderName, header::CONTENT_TYPE},
};
use rescind_authority::Authority;

use super::{error::OauthError, request};

/// The contract names a type although there is no body (oauth-endpoints.md 2.2).
const JSON: [(HeaderName, &str); 1] = [(CONTENT_TYPE, "application/json")];

/// Answers 200 with an empty body once the token is dead on disk. `token_type_hint` is only a
/// hint: it may stand once, and every token is looked up alike.
pub(crate) async fn post(
    State(authority): State<Authority>,
    request: Request,
) -> Result<[(HeaderName, &'static str); 1], OauthError> {
    let (parts, body) = request.into_parts();
    let body = request::read(&parts, body).await?;
    let (client, form) = request::accept(&authority, &parts, &body, ["token", "token_type_hint"])?;
    let token = form.get("token").ok_or(OauthError::InvalidRequest)?;
    authority.revoke(&client, token).await?;
    Ok(JSON)
}
