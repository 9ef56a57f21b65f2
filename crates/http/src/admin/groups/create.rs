//! `POST /groups`: a new project.

use axum::{Json, extract::State, http::StatusCode};
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
        path::{self, Root},
    },
    openapi::schema,
};

/// A project to be made.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewGroupBody {
    #[schema(value_type = schema::Name)]
    name: Name,
    /// The organization that it is to belong to.
    #[schema(value_type = schema::Id)]
    org_id: String,
}

/// Answers 201 with the project.
#[utoipa::path(
    post,
    path = "",
    summary = "Create a project",
    tag = "Projects",
    request_body = inline(NewGroupBody),
    responses((status = 201, description = "The project", body = GroupView))
)]
pub(crate) async fn post(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    root: Root,
    JsonBody(body): JsonBody<NewGroupBody>,
) -> Result<(StatusCode, Json<GroupView>), ApiError> {
    let org_id = path::org(&body.org_id)?;
    let group = authority.create_group(&caller, org_id, &body.name).await?;
    Ok((StatusCode::CREATED, Json(GroupView::new(&root, &group))))
}
