//! `GET /orgs`: the organizations that the caller belongs to.

use axum::{Json, extract::State};
use rescind_authority::Authority;

use super::OrganizationView;
use crate::admin::{
    authenticated::Authenticated,
    page::{List, Page},
    path::Root,
};

/// Answers 200 with a page of them.
#[utoipa::path(
    get,
    path = "",
    summary = "List organizations",
    description = "Those that the caller belongs to.",
    tag = "Organizations",
    params(Page),
    responses((status = 200, description = "A page of them", body = List<OrganizationView>))
)]
pub(crate) async fn get(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    root: Root,
    page: Page,
) -> Json<List<OrganizationView>> {
    let organizations = authority.organizations(&caller);
    let views =
        organizations.into_iter().map(|organization| OrganizationView::new(&root, organization));
    Json(page.of(views.collect()))
}
