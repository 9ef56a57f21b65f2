//! `PATCH /groups/{groupId}`: give a project another name.

use axum::{Json, extract::State};
use rescind_authority::Authority;
use rescind_core::text::Name;
use serde::Deserialize;
use utoipa::ToSchema;

use super::GroupView;
use crate::{
    admin::{
        authenticated::Authenticated,
        body::JsonBody,
        error::ApiError,
        path::{InGroup, Root},
    },
    openapi::schema,
};

/// What is to be changed of a project.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupChangeBody {
    #[schema(value_type = schema::Name)]
    name: Name,
}

/// Answers 200 with the project as it is now.
#[utoipa::path(
    patch,
    path = "",
    summary = "Rename a project",
    tag = "Projects",
    request_body = inline(GroupChangeBody),
    responses((status = 200, description = "The project as it is now", body = GroupView))
)]
pub(crate) async fn patch(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    root: Root,
    InGroup(group_id): InGroup,
    JsonBody(body): JsonBody<GroupChangeBody>,
) -> Result<Json<GroupView>, ApiError> {
    let group = authority.rename_group(&caller, group_id, &body.name).await?;
    Ok(Json(GroupView::new(&root, &group)))
}
