//! `GET /orgs/{orgId}`: one organization.

use axum::{Json, extract::State};
use rescind_authority::Authority;

use super::OrganizationView;
use crate::admin::{
    authenticated::Authenticated,
    error::ApiError,
    path::{InOrg, Root},
};

/// Answers 200, or 404 for one that the caller does not belong to.
#[utoipa::path(
    get,
    path = "",
    summary = "See an organization",
    tag = "Organizations",
    responses((status = 200, description = "The organization", body = OrganizationView))
)]
pub(crate) async fn get(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    root: Root,
    InOrg(org_id): InOrg,
) -> Result<Json<OrganizationView>, ApiError> {
    let organization = authority.organization(&caller, org_id)?;
    Ok(Json(OrganizationView::new(&root, organization)))
}
