//! `POST /orgs`: a new organization, with who can enter it.

use axum::{Json, extract::State, http::StatusCode};
use rescind_authority::{Authority, CreatedOrganization, NewOrganization, Roles};
use serde::Serialize;
use serde_json::Value;

use super::OrganizationView;
use crate::admin::{
    accounts::{self, AccountView},
    api_keys::{self, ApiKeyView},
    authenticated::Authenticated,
    body::{Fields, JsonBody, required},
    error::ApiError,
};

/// What was made; secret and private key are shown this once.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreatedView {
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<ApiKeyView>,
    organization: OrganizationView,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_account: Option<AccountView>,
}

/// Answers 201. The caller has no rights in the new organization: who was made with it has.
pub(crate) async fn post(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<CreatedView>), ApiError> {
    let new = read(body)?;
    let created = authority.create_organization(&caller, &new).await?;
    let CreatedOrganization { organization, account, api_key } = created;
    let view = CreatedView {
        api_key: api_key.map(|(key, plain)| ApiKeyView::plain(&authority, key, &plain)),
        organization: OrganizationView::new(&authority, organization),
        service_account: account
            .map(|(account, secret)| AccountView::with_secret(account, secret.as_ref())),
    };
    Ok((StatusCode::CREATED, Json(view)))
}

fn read(body: Value) -> Result<NewOrganization, ApiError> {
    let mut fields = Fields::of(body)?;
    let name = fields.text("name")?;
    let (account, api_key) = (fields.object("serviceAccount")?, fields.object("apiKey")?);
    fields.finish()?;
    if account.is_none() && api_key.is_none() {
        return Err(ApiError::MissingAttribute("serviceAccount"));
    }
    let account = account.map(|mut account| {
        let roles = account.org_roles()?.map(Roles::Org);
        accounts::create::read(account, roles)
    });
    Ok(NewOrganization {
        name: required(name, "name")?,
        account: account.transpose()?,
        api_key: api_key.map(api_keys::create::read).transpose()?,
    })
}
