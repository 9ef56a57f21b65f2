//! `PATCH /orgs/{orgId}`: give an organization another name.

use axum::{Json, extract::State};
use rescind_authority::Authority;

use super::OrganizationView;
use crate::admin::{
    authenticated::Authenticated,
    body::{Fields, JsonBody, required},
    error::ApiError,
    path::InOrg,
};

/// Answers 200 with the organization as it is now.
pub(crate) async fn patch(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InOrg(org_id): InOrg,
    JsonBody(body): JsonBody,
) -> Result<Json<OrganizationView>, ApiError> {
    let mut fields = Fields::of(body)?;
    let name = fields.text("name")?;
    fields.finish()?;
    let name = required(name, "name")?;
    let organization = authority.rename_organization(&caller, org_id, &name).await?;
    Ok(Json(OrganizationView::new(&authority, organization)))
}
