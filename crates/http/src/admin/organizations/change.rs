//! `PATCH /orgs/{orgId}`: give an organization another name.

use axum::{Json, extract::State};
use rescind_authority::Authority;
use rescind_core::text::Name;
use serde::Deserialize;
use utoipa::ToSchema;

use super::OrganizationView;
use crate::{
    admin::{
        authenticated::Authenticated,
        body::JsonBody,
        error::ApiError,
        path::{InOrg, Root},
    },
    openapi::schema,
};

/// What is to be changed of an organization.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganizationChangeBody {
    #[schema(value_type = schema::Name)]
    name: Name,
}

/// Answers 200 with the organization as it is now.
#[utoipa::path(
    patch,
    path = "",
    summary = "Rename an organization",
    tag = "Organizations",
    request_body = inline(OrganizationChangeBody),
    responses((status = 200, description = "The organization as it is now", body = OrganizationView))
)]
pub(crate) async fn patch(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    root: Root,
    InOrg(org_id): InOrg,
    JsonBody(body): JsonBody<OrganizationChangeBody>,
) -> Result<Json<OrganizationView>, ApiError> {
    let organization = authority.rename_organization(&caller, org_id, &body.name).await?;
    Ok(Json(OrganizationView::new(&root, organization)))
}
