//! `POST /groups/{groupId}/serviceAccounts/{clientId}:invite`: assign an account (P5).

use axum::{
    Json,
    extract::{Path, State},
};
use rescind_authority::{Authority, Roles, Scope};
use serde::Deserialize;

use crate::admin::{
    accounts::AccountView,
    authenticated::Authenticated,
    body::{Fields, JsonBody, required},
    error::ApiError,
    path::InGroup,
};

/// The last part of the path: an id and the suffix, which routes cannot tell apart.
#[derive(Deserialize)]
pub(crate) struct Name {
    client_id: String,
}

/// Answers 200 with the account. One that is assigned already has these roles from then on.
pub(crate) async fn post(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InGroup(group_id): InGroup,
    Path(Name { client_id }): Path<Name>,
    JsonBody(body): JsonBody,
) -> Result<Json<AccountView>, ApiError> {
    // Without the suffix the path has no POST.
    let name = client_id.strip_suffix(":invite").ok_or(ApiError::MethodNotAllowed)?;
    let id = name.parse().map_err(|_| ApiError::ResourceNotFound(name.to_owned()))?;
    let mut fields = Fields::of(body)?;
    let roles = fields.roles(Scope::Group(group_id))?;
    fields.finish()?;
    let Roles::Group(roles) = required(roles, "roles")? else {
        return Err(ApiError::MissingAttribute("roles"));
    };
    Ok(Json(authority.assign(&caller, group_id, id, roles).await?.into()))
}
