//! `PATCH …/serviceAccounts/{clientId}`: change an account (O4, P4).

use axum::{Json, extract::State};
use rescind_authority::{AccountChange, Authority};

use super::AccountView;
use crate::admin::{
    authenticated::Authenticated,
    body::{Fields, JsonBody},
    error::ApiError,
    path::{InScope, Of},
};

/// Answers 200 with the account as it is now. What is absent, or null, stays.
pub(crate) async fn patch(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InScope(scope): InScope,
    Of(client_id): Of,
    JsonBody(body): JsonBody,
) -> Result<Json<AccountView>, ApiError> {
    let mut fields = Fields::of(body)?;
    let change = AccountChange {
        name: fields.text("name")?,
        description: fields.text("description")?,
        roles: fields.roles(scope)?,
    };
    fields.finish()?;
    Ok(Json(authority.change_account(&caller, scope, client_id, &change).await?.into()))
}
