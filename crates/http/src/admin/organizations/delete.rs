//! `DELETE /orgs/{orgId}`: an organization ends, with all that it owns.

use axum::{extract::State, http::StatusCode};
use rescind_authority::Authority;

use crate::admin::{authenticated::Authenticated, error::ApiError, path::InOrg};

/// Answers 204. The tokens of its accounts are dead, the caller's own among them.
#[utoipa::path(
    delete,
    path = "",
    summary = "Delete an organization",
    description = "With all that it owns: projects, service accounts, and their tokens.",
    tag = "Organizations",
    responses((status = 204, description = "It is gone"))
)]
pub(crate) async fn delete(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InOrg(org_id): InOrg,
) -> Result<StatusCode, ApiError> {
    authority.delete_organization(&caller, org_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
