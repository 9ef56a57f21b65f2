//! `POST /api/oauth/introspect`: is this token live, and what does it say? (RFC 7662)

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

use super::{error::OauthError, request::Received};

/// RFC 7662 section 2.2.
#[derive(Serialize)]
struct Body {
    active: bool,
    #[serde(flatten)]
    token: Option<Token>,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "`token_type` is the RFC's name")]
struct Token {
    client_id: ClientId,
    token_type: &'static str,
    exp: i64,
    iat: i64,
    sub: ClientId,
    aud: &'static str,
    iss: String,
    jti: TokenId,
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
pub(crate) async fn post(
    State(authority): State<Authority>,
    request: Request,
) -> Result<impl IntoResponse, OauthError> {
    let request = Received::read(request).await?;
    let (client, form) = request.accept(&authority, ["token", "token_type_hint"])?;
    let token = form.get("token").ok_or(OauthError::InvalidRequest)?;
    let token = authority.introspect(&client, token).map(Token::from);
    Ok(([(CACHE_CONTROL, "no-store")], Json(Body { active: token.is_some(), token })))
}
