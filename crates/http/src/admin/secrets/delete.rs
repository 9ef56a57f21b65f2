//! `DELETE …/secrets/{secretId}`: the secret and the tokens minted with it end (O7, P8).

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use rescind_authority::Authority;
use serde::Deserialize;

use crate::admin::{
    authenticated::Authenticated,
    error::ApiError,
    path::{self, InScope, Of},
};

/// The last part of the path.
#[derive(Deserialize)]
pub(crate) struct Name {
    secret_id: String,
}

/// Answers 204.
#[utoipa::path(
    delete,
    path = "",
    summary = "Delete a secret",
    description = "The tokens that were minted with it are dead from then on.",
    tag = "Service accounts",
    responses((status = 204, description = "It is gone"))
)]
pub(crate) async fn delete(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InScope(scope): InScope,
    Of(client_id): Of,
    Path(Name { secret_id }): Path<Name>,
) -> Result<StatusCode, ApiError> {
    let secret_id = path::secret(&secret_id)?;
    authority.delete_secret(&caller, scope, client_id, secret_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
