//! `POST …/serviceAccounts`: a new account with its first secret (O2, P2).

use axum::{Json, extract::State, http::StatusCode};
use rescind_authority::{Authority, NewAccount, Roles};

use super::AccountView;
use crate::admin::{
    authenticated::Authenticated,
    body::{Fields, JsonBody, required},
    error::ApiError,
    path::InScope,
};

/// Answers 201 with the account and, this once, the secret.
pub(crate) async fn post(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InScope(scope): InScope,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<AccountView>), ApiError> {
    let mut fields = Fields::of(body)?;
    let roles = fields.roles(scope)?;
    let new = read(fields, roles)?;
    let (account, secret) = authority.create_account(&caller, scope, &new).await?;
    Ok((StatusCode::CREATED, Json(AccountView::with_secret(account, secret.as_ref()))))
}

/// What an account is made of: its roles, which were read by their level, and all else.
pub(crate) fn read(mut fields: Fields, roles: Option<Roles>) -> Result<NewAccount, ApiError> {
    let (name, description) = (fields.text("name")?, fields.text("description")?);
    let hours = fields.hours("secretExpiresAfterHours")?;
    let without = fields.boolean("withoutInitialSecret")?.unwrap_or_default();
    fields.finish()?;
    let secret_hours = match (without, hours) {
        (false, hours) => Some(required(hours, "secretExpiresAfterHours")?),
        (true, None) => None,
        (true, Some(_)) => {
            return Err(ApiError::InvalidAttribute("secretExpiresAfterHours".to_owned()));
        }
    };
    Ok(NewAccount {
        name: required(name, "name")?,
        description: required(description, "description")?,
        roles: required(roles, "roles")?,
        secret_hours,
    })
}
