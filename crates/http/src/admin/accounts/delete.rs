//! `DELETE …/serviceAccounts/{clientId}`: below `/orgs` the account ends (O5), below `/groups` only
//! its assignment (P6).

use axum::{extract::State, http::StatusCode};
use rescind_authority::{Authority, Scope};

use crate::admin::{
    authenticated::Authenticated,
    error::ApiError,
    path::{InScope, Of},
};

/// Answers 204.
#[utoipa::path(
    delete,
    path = "",
    summary = "Delete a service account",
    description = "From its organization the account ends, with its secrets and tokens. From a \
                   project only its assignment ends.",
    tag = "Service accounts",
    responses((status = 204, description = "It is gone"))
)]
pub(crate) async fn delete(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InScope(scope): InScope,
    Of(client_id): Of,
) -> Result<StatusCode, ApiError> {
    match scope {
        Scope::Org(org_id) => authority.delete_account(&caller, org_id, client_id).await?,
        Scope::Group(group_id) => authority.unassign(&caller, group_id, client_id).await?,
    }
    Ok(StatusCode::NO_CONTENT)
}
