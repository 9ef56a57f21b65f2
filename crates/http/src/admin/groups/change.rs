//! `PATCH /groups/{groupId}`: give a project another name.

use axum::{Json, extract::State};
use rescind_authority::Authority;

use super::GroupView;
use crate::admin::{
    authenticated::Authenticated,
    body::{Fields, JsonBody, required},
    error::ApiError,
    path::InGroup,
};

/// Answers 200 with the project as it is now.
pub(crate) async fn patch(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InGroup(group_id): InGroup,
    JsonBody(body): JsonBody,
) -> Result<Json<GroupView>, ApiError> {
    let mut fields = Fields::of(body)?;
    let name = fields.text("name")?;
    fields.finish()?;
    let name = required(name, "name")?;
    let group = authority.rename_group(&caller, group_id, &name).await?;
    Ok(Json(GroupView::new(&authority, &group)))
}
