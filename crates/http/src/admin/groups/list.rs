//! `GET /groups`: the projects that the caller can see.

use axum::{Json, extract::State};
use rescind_authority::Authority;

use super::GroupView;
use crate::admin::{
    authenticated::Authenticated,
    page::{List, Page},
    path::Root,
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
    root: Root,
    page: Page,
) -> Json<List<GroupView>> {
    let (groups, total) = authority.groups(&caller, page.range());
    let views = groups.iter().map(|group| GroupView::new(&root, group));
    Json(page.with(views.collect(), total))
}
