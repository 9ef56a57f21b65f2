//! `GET /orgs`: the organizations that the caller belongs to.

use axum::{Json, extract::State};
use rescind_authority::Authority;

use super::OrganizationView;
use crate::admin::{
    authenticated::Authenticated,
    page::{List, Page},
};

/// Answers 200 with a page of them.
pub(crate) async fn get(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    page: Page,
) -> Json<List<OrganizationView>> {
    let organizations = authority.organizations(&caller);
    let views = organizations
        .into_iter()
        .map(|organization| OrganizationView::new(&authority, organization));
    Json(page.of(views.collect()))
}
