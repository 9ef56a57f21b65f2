//! `GET /groups/{groupId}`: one project.

use axum::{Json, extract::State};
use rescind_authority::Authority;

use super::GroupView;
use crate::admin::{authenticated::Authenticated, error::ApiError, path::InGroup};

/// Answers 200.
pub(crate) async fn get(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InGroup(group_id): InGroup,
) -> Result<Json<GroupView>, ApiError> {
    let group = authority.group(&caller, group_id)?;
    Ok(Json(GroupView::new(&authority, &group)))
}
