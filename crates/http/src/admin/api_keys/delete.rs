//! `DELETE /orgs/{orgId}/apiKeys/{apiKeyId}`: an API key proves nobody any more.

use axum::{extract::State, http::StatusCode};
use rescind_authority::Authority;

use crate::admin::{
    authenticated::Authenticated,
    error::ApiError,
    path::{InOrg, OfKey},
};

/// Answers 204.
#[utoipa::path(
    delete,
    path = "",
    summary = "Delete an API key",
    tag = "API keys",
    responses((status = 204, description = "It is gone"))
)]
pub(crate) async fn delete(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InOrg(org_id): InOrg,
    OfKey(id): OfKey,
) -> Result<StatusCode, ApiError> {
    authority.delete_api_key(&caller, org_id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
