//! `GET /orgs/{id}`: one organization.

use axum::{
    Json,
    extract::{Path, State},
};
use rescind_authority::Authority;

use super::OrganizationView;
use crate::admin::{authenticated::Authenticated, error::ApiError};

/// Answers 200, or 404 for one that the caller does not belong to.
pub(crate) async fn get(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    Path(org_id): Path<String>,
) -> Result<Json<OrganizationView>, ApiError> {
    let organization = org_id.parse().ok().and_then(|id| authority.organization(&caller, id));
    let organization = organization.ok_or(ApiError::OrgNotFound(org_id))?;
    Ok(Json(OrganizationView::new(&authority, &organization)))
}
