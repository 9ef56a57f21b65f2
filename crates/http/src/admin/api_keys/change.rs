//! `PATCH /orgs/{orgId}/apiKeys/{apiKeyId}`: change an API key.

use axum::{Json, extract::State};
use rescind_authority::{ApiKeyChange, Authority};

use super::ApiKeyView;
use crate::admin::{
    authenticated::Authenticated,
    body::{Fields, JsonBody},
    error::ApiError,
    path::{InOrg, OfKey},
};

/// Answers 200 with the key as it is now. What is absent, or null, stays.
pub(crate) async fn patch(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InOrg(org_id): InOrg,
    OfKey(id): OfKey,
    JsonBody(body): JsonBody,
) -> Result<Json<ApiKeyView>, ApiError> {
    let mut fields = Fields::of(body)?;
    let change =
        ApiKeyChange { description: fields.key_description("desc")?, roles: fields.org_roles()? };
    fields.finish()?;
    let key = authority.change_api_key(&caller, org_id, id, &change).await?;
    Ok(Json(ApiKeyView::masked(&authority, key)))
}
