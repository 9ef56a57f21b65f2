//! `GET …/accessList/{entry}`: one entry of the list of an API key.

use axum::{Json, extract::State};
use rescind_authority::Authority;

use super::{EntryView, Named};
use crate::admin::{
    authenticated::Authenticated,
    error::ApiError,
    path::{InScope, OfMember},
};

/// Answers 200.
#[utoipa::path(
    get,
    path = "",
    summary = "See an entry of an access list",
    tag = "Access lists",
    responses((status = 200, description = "The entry", body = EntryView))
)]
pub(crate) async fn get(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InScope(scope): InScope,
    OfMember(member): OfMember,
    Named(network): Named,
) -> Result<Json<EntryView>, ApiError> {
    let entries = authority.access_entries(&caller, scope, member).await?;
    let entry = entries.into_iter().find(|entry| entry.network == network);
    entry.map(|entry| Json(entry.into())).ok_or(ApiError::EntryNotFound(network.to_string()))
}
