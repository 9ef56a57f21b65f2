//! `GET /orgs/{orgId}/apiKeys`: the API keys of an organization.

use axum::{Json, extract::State};
use rescind_authority::Authority;

use super::ApiKeyView;
use crate::admin::{
    authenticated::Authenticated,
    error::ApiError,
    page::{List, Page},
    path::{InOrg, Root},
};

/// Answers 200 with a page of them.
#[utoipa::path(
    get,
    path = "",
    summary = "List API keys",
    tag = "API keys",
    params(Page),
    responses((status = 200, description = "A page of them", body = List<ApiKeyView>))
)]
pub(crate) async fn get(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    root: Root,
    InOrg(org_id): InOrg,
    page: Page,
) -> Result<Json<List<ApiKeyView>>, ApiError> {
    let (keys, total) = authority.api_keys(&caller, org_id, page.range()).await?;
    let views = keys.into_iter().map(|key| ApiKeyView::masked(&root, key));
    Ok(Json(page.with(views.collect(), total)))
}
