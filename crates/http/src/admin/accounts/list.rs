//! `GET …/serviceAccounts`: the accounts of an organization or a project (O1, P1).

use axum::{Json, extract::State};
use rescind_authority::Authority;

use super::AccountView;
use crate::admin::{
    authenticated::Authenticated,
    error::ApiError,
    page::{List, Page},
    path::InScope,
};

/// Answers 200 with a page of them.
#[utoipa::path(
    get,
    path = "",
    summary = "List service accounts",
    tag = "Service accounts",
    params(Page),
    responses((status = 200, description = "A page of them", body = List<AccountView>))
)]
pub(crate) async fn get(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InScope(scope): InScope,
    page: Page,
) -> Result<Json<List<AccountView>>, ApiError> {
    let (accounts, total) = authority.accounts(&caller, scope, page.range()).await?;
    Ok(Json(page.with(accounts.into_iter().map(AccountView::from).collect(), total)))
}
