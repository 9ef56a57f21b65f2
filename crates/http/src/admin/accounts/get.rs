//! `GET …/serviceAccounts/{clientId}`: one account (O3, P3).

use axum::{Json, extract::State};
use rescind_authority::Authority;

use super::AccountView;
use crate::admin::{
    authenticated::Authenticated,
    error::ApiError,
    path::{InScope, Of},
};

/// Answers 200.
#[utoipa::path(
    get,
    path = "",
    summary = "See a service account",
    tag = "Service accounts",
    responses((status = 200, description = "The account", body = AccountView))
)]
pub(crate) async fn get(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InScope(scope): InScope,
    Of(client_id): Of,
) -> Result<Json<AccountView>, ApiError> {
    Ok(Json(authority.account(&caller, scope, client_id).await?.into()))
}
