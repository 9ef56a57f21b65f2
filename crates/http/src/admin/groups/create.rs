//! `POST /groups`: a new project.

use axum::{Json, extract::State, http::StatusCode};
use rescind_authority::Authority;

use super::GroupView;
use crate::admin::{
    authenticated::Authenticated,
    body::{Fields, JsonBody, required},
    error::ApiError,
};

/// Answers 201 with the project.
pub(crate) async fn post(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<GroupView>), ApiError> {
    let mut fields = Fields::of(body)?;
    let (name, org_id) = (fields.text("name")?, fields.string("orgId")?);
    fields.finish()?;
    let (name, org_id) = (required(name, "name")?, required(org_id, "orgId")?);
    let org_id = org_id.parse().map_err(|_| ApiError::OrgNotFound(org_id))?;
    let group = authority.create_group(&caller, org_id, &name).await?;
    Ok((StatusCode::CREATED, Json(GroupView::new(&authority, &group))))
}
