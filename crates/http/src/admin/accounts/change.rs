//! `PATCH …/serviceAccounts/{clientId}`: change an account (O4, P4).

use axum::{Json, extract::State};
use rescind_authority::{AccountChange, Authority, Scope};

use super::AccountView;
use crate::admin::{
    authenticated::Authenticated,
    body::{Fields, JsonBody},
    error::ApiError,
    path::{InScope, Of, OfAtlas},
};

/// Answers 200 with the account as it is now. What is absent, or null, stays; from a project the
/// first family wants the roles in any case.
pub(crate) async fn patch(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InScope(scope): InScope,
    Of(client_id): Of,
    OfAtlas(of_atlas): OfAtlas,
    JsonBody(body): JsonBody,
) -> Result<Json<AccountView>, ApiError> {
    let mut fields = Fields::of(body)?;
    let change = AccountChange {
        name: fields.text("name")?,
        description: fields.text("description")?,
        roles: fields.roles(scope)?,
    };
    fields.finish()?;
    if matches!(scope, Scope::Group(_)) && !of_atlas && change.roles.is_none() {
        return Err(ApiError::MissingAttribute("roles"));
    }
    Ok(Json(authority.change_account(&caller, scope, client_id, &change).await?.into()))
}
