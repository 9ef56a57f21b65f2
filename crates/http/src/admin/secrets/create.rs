//! `POST …/secrets`: one more secret (O6, P7).

use axum::{Json, extract::State, http::StatusCode};
use rescind_authority::Authority;

use super::SecretView;
use crate::admin::{
    authenticated::Authenticated,
    body::{Fields, JsonBody, required},
    error::ApiError,
    path::{InScope, Of},
};

/// Answers 201 with the secret, this once.
pub(crate) async fn post(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InScope(scope): InScope,
    Of(client_id): Of,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<SecretView>), ApiError> {
    let mut fields = Fields::of(body)?;
    let hours = fields.hours("secretExpiresAfterHours")?;
    fields.finish()?;
    let hours = required(hours, "secretExpiresAfterHours")?;
    let secret = authority.add_secret(&caller, scope, client_id, hours).await?;
    Ok((StatusCode::CREATED, Json(SecretView::plain(&secret))))
}
