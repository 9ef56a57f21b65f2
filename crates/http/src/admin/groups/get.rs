//! `GET /groups/{groupId}`: one project.

use axum::{Json, extract::State};
use rescind_authority::Authority;

use super::GroupView;
use crate::admin::{
    authenticated::Authenticated,
    error::ApiError,
    path::{InGroup, Root},
};

/// Answers 200.
#[utoipa::path(
    get,
    path = "",
    summary = "See a project",
    tag = "Projects",
    responses((status = 200, description = "The project", body = GroupView))
)]
pub(crate) async fn get(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    root: Root,
    InGroup(group_id): InGroup,
) -> Result<Json<GroupView>, ApiError> {
    let group = authority.group(&caller, group_id)?;
    Ok(Json(GroupView::new(&root, &group)))
}
