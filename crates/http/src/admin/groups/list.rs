//! `GET /groups`: the projects that the caller can see.

use axum::{Json, extract::State};
use rescind_authority::Authority;

use super::GroupView;
use crate::admin::{
    authenticated::Authenticated,
    page::{List, Page},
};

/// Answers 200 with a page of them.
#[utoipa::path(
    get,
    path = "",
    summary = "List projects",
    description = "Those that the caller can see.",
    tag = "Projects",
    params(Page),
    responses((status = 200, description = "A page of them", body = List<GroupView>))
)]
pub(crate) async fn get(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    page: Page,
) -> Json<List<GroupView>> {
    let groups = authority.groups(&caller);
    Json(page.of(groups.iter().map(|group| GroupView::new(&authority, group)).collect()))
}
