//! `POST /api/oauth/token`: a service account gets an access token (RFC 6749 section 4.4).

use axum::{
    Json,
    extract::{Request, State},
    http::header::{CACHE_CONTROL, PRAGMA},
    response::{IntoResponse, Response},
};
use rescind_authority::{Attempt, Authority};
use rescind_core::token::LIFETIME_SECONDS;
use serde::Serialize;

use super::{error::OauthError, limit::limited, request::Received};

/// The order of the contract.
#[derive(Serialize)]
struct Body<'a> {
    access_token: &'a str,
    expires_in: i64,
    token_type: &'static str,
}

/// Answers 200 with a new token.
pub(crate) async fn post(
    State(authority): State<Authority>,
    request: Request,
) -> Result<Response, OauthError> {
    let request = Received::read(request).await?;
    Ok(limited(&authority, Attempt::Token, &request, answer(&authority, &request)).await)
}

/// `scope` is known, so that it may stand once only, and ignored.
async fn answer(
    authority: &Authority,
    request: &Received,
) -> Result<impl IntoResponse, OauthError> {
    let (client, form) = request.accept(authority, ["grant_type", "scope"])?;
    match form.get("grant_type") {
        None => return Err(OauthError::InvalidRequest), // 5.1, row 9
        Some("client_credentials") => {}
        Some(_) => return Err(OauthError::UnsupportedGrantType), // row 10
    }
    let token = authority.issue(&client).await?;
    let body =
        Body { access_token: token.expose(), expires_in: LIFETIME_SECONDS, token_type: "Bearer" };
    let never_stored = [(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")];
    Ok((never_stored, Json(body).into_response()))
}
