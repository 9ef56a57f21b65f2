//! `POST /api/oauth/introspect`: is this token live, and what does it say? (RFC 7662)

use std::borrow::Cow;

use axum::{
    Json,
    extract::{Request, State},
    http::header::CACHE_CONTROL,
    response::IntoResponse,
};
use rescind_authority::{Authority, LiveToken};
use rescind_core::{
    id::ClientId,
    token::{AUDIENCE, TokenId},
};
use serde::Serialize;
use serde_json::json;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use super::{error::OauthError, request::Received, token_form::TokenForm};
use crate::openapi::schema;

/// RFC 7662 section 2.2.
#[derive(Serialize)]
struct Body {
    active: bool,
    #[serde(flatten)]
    token: Option<Token>,
}

/// What a live token says (RFC 7662 section 2.2).
#[derive(Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "`token_type` is the RFC's name")]
struct Token {
    #[schema(value_type = schema::ClientId)]
    client_id: ClientId,
    token_type: &'static str,
    exp: i64,
    iat: i64,
    #[schema(value_type = schema::ClientId)]
    sub: ClientId,
    aud: &'static str,
    iss: String,
    #[schema(value_type = String)]
    jti: TokenId,
}

impl PartialSchema for Body {
    fn schema() -> RefOr<Schema> {
        let mut body = json!(Token::schema());
        body["properties"]["active"] = json!({ "type": "boolean" });
        // Of a token that is not live nothing else is said.
        body["required"] = json!(["active"]);
        schema::from_json(body)
    }
}

impl ToSchema for Body {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Introspection")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Token::schemas(schemas);
    }
}

impl From<LiveToken> for Token {
    fn from(LiveToken { claims, .. }: LiveToken) -> Self {
        Self {
            client_id: claims.client_id,
            token_type: "Bearer",
            exp: claims.expires_at.as_second(),
            iat: claims.issued_at.as_second(),
            sub: claims.client_id,
            aud: AUDIENCE,
            iss: claims.issuer,
            jti: claims.token_id,
        }
    }
}

/// Answers 200 with what a live token of the caller's organization says; of everything else only
/// that it is not active (RFC 7662 section 2.2). There is no rate limit: resource servers ask for
/// each of their own requests.
#[utoipa::path(
    post,
    path = "",
    summary = "Introspect an access token",
    description = "A token of another organization is not active.",
    tag = "OAuth 2.0",
    request_body(content = inline(TokenForm), content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "What it says, if it is live", body = Body))
)]
pub(crate) async fn post(
    State(authority): State<Authority>,
    request: Request,
) -> Result<impl IntoResponse, OauthError> {
    let request = Received::read(request).await?;
    let (client, form) = request.accept(&authority, TokenForm::PARAMETERS)?;
    let token = form.get(TokenForm::TOKEN).ok_or(OauthError::InvalidRequest)?;
    let token = authority.introspect(&client, token).map(Token::from);
    Ok(([(CACHE_CONTROL, "no-store")], Json(Body { active: token.is_some(), token })))
}
