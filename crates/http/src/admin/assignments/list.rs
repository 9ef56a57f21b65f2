//! `GET …/serviceAccounts/{clientId}/groups`: the projects of an account (O8).

use axum::{Json, extract::State};
use rescind_authority::Authority;
use rescind_core::{id::GroupId, role::GroupRole};
use serde::Serialize;

use crate::admin::{
    authenticated::Authenticated,
    error::ApiError,
    page::{List, Page},
    path::{InOrg, Of},
};

/// A project, with the roles that the account has there.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssignmentView {
    group_id: GroupId,
    roles: Vec<GroupRole>,
}

/// Answers 200 with a page of them.
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
