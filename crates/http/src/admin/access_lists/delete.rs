//! `DELETE …/accessList/{entry}`: an account or an API key may not be used from there any more
//! (O11, P11).

use axum::{extract::State, http::StatusCode};
use rescind_authority::Authority;

use super::Named;
use crate::admin::{
    authenticated::Authenticated,
    error::{ApiError, ErrorView},
    path::{InScope, OfMember},
};

/// Answers 204.
#[utoipa::path(
    delete,
    path = "",
    summary = "Remove an entry of an access list",
    tag = "Access lists",
    responses(
        (status = 204, description = "It is removed"),
        (status = 400, description = "The request itself came from there", body = ErrorView)
    )
)]
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
