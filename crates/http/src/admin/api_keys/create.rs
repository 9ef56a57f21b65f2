//! `POST /orgs/{orgId}/apiKeys`: a new API key.

use axum::{Json, extract::State};
use rescind_authority::{Authority, NewApiKey};

use super::ApiKeyView;
use crate::admin::{
    authenticated::Authenticated,
    body::{Fields, JsonBody, required},
    error::ApiError,
    path::InOrg,
};

/// Answers 200, as MongoDB does here, with the key and, this once, its private key.
pub(crate) async fn post(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InOrg(org_id): InOrg,
    JsonBody(body): JsonBody,
) -> Result<Json<ApiKeyView>, ApiError> {
    let new = read(Fields::of(body)?)?;
    let (key, private_key) = authority.create_api_key(&caller, org_id, &new).await?;
    Ok(Json(ApiKeyView::plain(&authority, key, &private_key)))
}

/// What an API key is made of.
pub(crate) fn read(mut fields: Fields) -> Result<NewApiKey, ApiError> {
    let (description, roles) = (fields.key_description("desc")?, fields.org_roles()?);
    fields.finish()?;
    Ok(NewApiKey { description: required(description, "desc")?, roles: required(roles, "roles")? })
}
