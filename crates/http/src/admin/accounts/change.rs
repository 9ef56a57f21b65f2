//! `PATCH …/serviceAccounts/{clientId}`: change an account (O4, P4).

use axum::{Json, extract::State};
use rescind_authority::{AccountChange, Authority, Scope};
use rescind_core::text::{Description, Name};
use serde::Deserialize;
use utoipa::ToSchema;

use super::AccountView;
use crate::{
    admin::{
        attribute::RoleNames,
        authenticated::Authenticated,
        body::JsonBody,
        error::ApiError,
        path::{InScope, Of, OfAtlas},
    },
    openapi::schema,
};

/// What is to be changed of an account.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AccountChangeBody {
    #[schema(value_type = Option<schema::Name>)]
    name: Option<Name>,
    #[schema(value_type = Option<schema::Description>)]
    description: Option<Description>,
    #[schema(inline)]
    roles: Option<RoleNames>,
}

/// Answers 200 with the account as it is now. What is absent, or null, stays; from a project the
/// first family wants the roles in any case.
#[utoipa::path(
    patch,
    path = "",
    summary = "Change a service account",
    description = "What is absent, or null, stays as it is. Roles are replaced as a whole.",
    tag = "Service accounts",
    request_body = inline(AccountChangeBody),
    responses((status = 200, description = "The account as it is now", body = AccountView))
)]
pub(crate) async fn patch(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InScope(scope): InScope,
    Of(client_id): Of,
    OfAtlas(of_atlas): OfAtlas,
    JsonBody(body): JsonBody<AccountChangeBody>,
) -> Result<Json<AccountView>, ApiError> {
    if matches!(scope, Scope::Group(_)) && !of_atlas && body.roles.is_none() {
        return Err(ApiError::MissingAttribute("roles".to_owned()));
    }
    let change = AccountChange {
        name: body.name,
        description: body.description,
        roles: body.roles.map(|roles| roles.at(scope)).transpose()?,
    };
    Ok(Json(authority.change_account(&caller, scope, client_id, &change).await?.into()))
}
