//! `GET …/accessList`: from where an account or an API key may be used (O9, P9).

use axum::{Json, extract::State};
use rescind_authority::Authority;

use super::EntryView;
use crate::admin::{
    authenticated::Authenticated,
    error::ApiError,
    page::{List, Page},
    path::{InScope, OfMember},
};

/// Answers 200 with a page of the entries.
#[utoipa::path(
    get,
    path = "",
    summary = "List an access list",
    tag = "Access lists",
    params(Page),
    responses((status = 200, description = "A page of the entries", body = List<EntryView>))
)]
pub(crate) async fn get(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InScope(scope): InScope,
    OfMember(member): OfMember,
    page: Page,
) -> Result<Json<List<EntryView>>, ApiError> {
    let entries = authority.access_entries(&caller, scope, member).await?;
    Ok(Json(page.of(entries.into_iter().map(EntryView::from).collect())))
}
