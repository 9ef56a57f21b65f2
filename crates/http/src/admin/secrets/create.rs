//! `POST …/secrets`: one more secret (O6, P7).

use axum::{Json, extract::State, http::StatusCode};
use rescind_authority::Authority;
use serde::Deserialize;
use utoipa::ToSchema;

use super::SecretView;
use crate::admin::{
    attribute::Hours,
    authenticated::Authenticated,
    body::JsonBody,
    error::ApiError,
    path::{InScope, Of},
};

/// A secret to be made.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewSecretBody {
    secret_expires_after_hours: Hours,
}

/// Answers 201 with the secret, this once.
#[utoipa::path(
    post,
    path = "",
    summary = "Create a secret",
    description = "It is shown this once. An older secret lives on for seven days at the most.",
    tag = "Service accounts",
    request_body = inline(NewSecretBody),
    responses((status = 201, description = "The secret", body = SecretView))
)]
pub(crate) async fn post(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InScope(scope): InScope,
    Of(client_id): Of,
    JsonBody(body): JsonBody<NewSecretBody>,
) -> Result<(StatusCode, Json<SecretView>), ApiError> {
    let Hours(hours) = body.secret_expires_after_hours;
    let secret = authority.add_secret(&caller, scope, client_id, hours).await?;
    Ok((StatusCode::CREATED, Json(SecretView::plain(&secret))))
}
