//! `GET …/serviceAccounts/{clientId}/groups`: the projects of an account (O8).

use axum::{Json, extract::State};
use rescind_authority::Authority;
use rescind_core::{id::GroupId, role::GroupRole};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    admin::{
        authenticated::Authenticated,
        error::ApiError,
        page::{List, Page},
        path::{InOrg, Of},
    },
    openapi::schema,
};

/// A project, with the roles that the account has there.
#[derive(Serialize, ToSchema)]
#[schema(as = Assignment)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssignmentView {
    #[schema(value_type = schema::Id)]
    group_id: GroupId,
    #[schema(value_type = Vec<schema::GroupRole>)]
    roles: Vec<GroupRole>,
}

/// Answers 200 with a page of them.
#[utoipa::path(
    get,
    path = "",
    summary = "List the projects of a service account",
    tag = "Service accounts",
    params(Page),
    responses((status = 200, description = "A page of them", body = List<AssignmentView>))
)]
pub(crate) async fn get(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InOrg(org_id): InOrg,
    Of(client_id): Of,
    page: Page,
) -> Result<Json<List<AssignmentView>>, ApiError> {
    let assignments = authority.assignments(&caller, org_id, client_id)?;
    let views = assignments.iter().map(|assignment| AssignmentView {
        group_id: assignment.group_id,
        roles: assignment.roles.iter().collect(),
    });
    Ok(Json(page.of(views.collect())))
}
