//! `DELETE /groups/{groupId}`: a project ends; the accounts assigned to it do not.

use axum::{extract::State, http::StatusCode};
use rescind_authority::Authority;

use crate::admin::{authenticated::Authenticated, error::ApiError, path::InGroup};

/// Answers 204.
#[utoipa::path(
    delete,
    path = "",
    summary = "Delete a project",
    description = "The service accounts that are assigned to it stay.",
    tag = "Projects",
    responses((status = 204, description = "It is gone"))
)]
pub(crate) async fn delete(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InGroup(group_id): InGroup,
) -> Result<StatusCode, ApiError> {
    authority.delete_group(&caller, group_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
