//! `DELETE …/accessList/{entry}`: an account or an API key may not be used from there any more
//! (O11, P11).

use axum::{extract::State, http::StatusCode};
use rescind_authority::Authority;

use super::Named;
use crate::admin::{
    authenticated::Authenticated,
    error::ApiError,
    path::{InScope, OfMember},
};

/// Answers 204.
pub(crate) async fn delete(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InScope(scope): InScope,
    OfMember(member): OfMember,
    Named(network): Named,
) -> Result<StatusCode, ApiError> {
    authority.delete_access_entry(&caller, scope, member, network).await?;
    Ok(StatusCode::NO_CONTENT)
}
