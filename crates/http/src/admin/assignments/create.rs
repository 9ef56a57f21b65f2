//! `POST /groups/{groupId}/serviceAccounts/{clientId}:invite`: assign an account (P5).

use axum::{Json, extract::State};
use rescind_authority::Authority;
use serde::Deserialize;
use utoipa::ToSchema;

use super::invited::Invited;
use crate::admin::{
    accounts::AccountView, attribute::RoleNames, authenticated::Authenticated, body::JsonBody,
    error::ApiError, path::InGroup,
};

/// The roles that the account is to have in the project.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAssignmentBody {
    #[schema(inline)]
    roles: RoleNames,
}

/// Answers 200 with the account. One that is assigned already has these roles from then on.
#[utoipa::path(
    post,
    path = ":invite",
    summary = "Assign a service account to a project",
    description = "One that is assigned already has these roles from then on.",
    tag = "Service accounts",
    request_body = inline(NewAssignmentBody),
    responses((status = 200, description = "The account, with its roles in the project", body = AccountView))
)]
pub(crate) async fn post(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InGroup(group_id): InGroup,
    Invited(client_id): Invited,
    JsonBody(body): JsonBody<NewAssignmentBody>,
) -> Result<Json<AccountView>, ApiError> {
    let roles = body.roles.of_group()?;
    Ok(Json(authority.assign(&caller, group_id, client_id, roles).await?.into()))
}
