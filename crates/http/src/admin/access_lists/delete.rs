//! `DELETE …/accessList/{entry}`: an account may not be used from there any more (O11, P11).

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use rescind_authority::Authority;
use rescind_core::access_list::parse_entry;
use serde::Deserialize;

use crate::admin::{
    authenticated::Authenticated,
    error::ApiError,
    path::{InScope, Of},
};

/// The last part of the path, decoded: `%2F` is the slash of a block.
#[derive(Deserialize)]
pub(crate) struct Name {
    entry: String,
}

/// Answers 204.
pub(crate) async fn delete(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InScope(scope): InScope,
    Of(client_id): Of,
    Path(Name { entry }): Path<Name>,
) -> Result<StatusCode, ApiError> {
    let network = parse_entry(&entry).map_err(|_| ApiError::EntryNotFound(entry))?;
    authority.delete_access_entry(&caller, scope, client_id, network).await?;
    Ok(StatusCode::NO_CONTENT)
}
