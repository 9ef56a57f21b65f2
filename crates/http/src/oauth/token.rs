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
use serde_json::json;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use super::{error::OauthError, limit::limited, request::Received};
use crate::openapi::schema;

/// What is sent.
const PARAMETERS: [&str; 2] = ["grant_type", "scope"];

/// The schema of what is sent.
enum Form {}

impl PartialSchema for Form {
    fn schema() -> RefOr<Schema> {
        let [grant_type, scope] = PARAMETERS;
        schema::from_json(json!({
            "type": "object",
            "properties": {
                grant_type: { "type": "string", "enum": ["client_credentials"] },
                scope: { "type": "string" },
            },
            "required": [grant_type],
        }))
    }
}

impl ToSchema for Form {}

/// An access token.
// In the order of the contract.
#[derive(Serialize, ToSchema)]
#[schema(as = AccessToken)]
struct Body<'a> {
    access_token: &'a str,
    /// In seconds.
    expires_in: i64,
    token_type: &'static str,
}

/// Answers 200 with a new token.
#[utoipa::path(
    post,
    path = "",
    summary = "Get an access token",
    description = "It lives for an hour. `scope` is ignored.",
    tag = "OAuth 2.0",
    request_body(content = inline(Form), content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "The token", body = Body))
)]
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
    let (client, form) = request.accept(authority, PARAMETERS)?;
    match form.get(PARAMETERS[0]) {
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
