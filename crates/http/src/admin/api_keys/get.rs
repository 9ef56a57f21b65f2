//! `GET /orgs/{orgId}/apiKeys/{apiKeyId}`: one API key.

use axum::{Json, extract::State};
use rescind_authority::Authority;

use super::ApiKeyView;
use crate::admin::{
    authenticated::Authenticated,
    error::ApiError,
    path::{InOrg, OfKey, Root},
};

/// Answers 200.
#[utoipa::path(
    get,
    path = "",
    summary = "See an API key",
    tag = "API keys",
    responses((status = 200, description = "The key", body = ApiKeyView))
)]
pub(crate) async fn get(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    root: Root,
    InOrg(org_id): InOrg,
    OfKey(id): OfKey,
) -> Result<Json<ApiKeyView>, ApiError> {
    let key = authority.api_key(&caller, org_id, id).await?;
    Ok(Json(ApiKeyView::masked(&root, key)))
}
