//! `PATCH /orgs/{orgId}/apiKeys/{apiKeyId}`: change an API key.

use axum::{Json, extract::State};
use rescind_authority::{ApiKeyChange, Authority};
use rescind_core::text::KeyDescription;
use serde::Deserialize;
use utoipa::ToSchema;

use super::ApiKeyView;
use crate::{
    admin::{
        attribute::RoleNames,
        authenticated::Authenticated,
        body::JsonBody,
        error::ApiError,
        path::{InOrg, OfKey, Root},
    },
    openapi::schema,
};

/// What is to be changed of a key.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiKeyChangeBody {
    #[schema(value_type = Option<schema::KeyDescription>)]
    desc: Option<KeyDescription>,
    #[schema(inline)]
    roles: Option<RoleNames>,
}

/// Answers 200 with the key as it is now. What is absent, or null, stays.
#[utoipa::path(
    patch,
    path = "",
    summary = "Change an API key",
    description = "What is absent, or null, stays as it is. Roles are replaced as a whole.",
    tag = "API keys",
    request_body = inline(ApiKeyChangeBody),
    responses((status = 200, description = "The key as it is now", body = ApiKeyView))
)]
pub(crate) async fn patch(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    root: Root,
    InOrg(org_id): InOrg,
    OfKey(id): OfKey,
    JsonBody(body): JsonBody<ApiKeyChangeBody>,
) -> Result<Json<ApiKeyView>, ApiError> {
    let roles = body.roles.map(RoleNames::of_org).transpose()?;
    let change = ApiKeyChange { description: body.desc, roles };
    let key = authority.change_api_key(&caller, org_id, id, &change).await?;
    Ok(Json(ApiKeyView::masked(&root, key)))
}
