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
pub(crate) async fn get(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InScope(scope): InScope,
    Of(client_id): Of,
) -> Result<Json<AccountView>, ApiError> {
    Ok(Json(authority.account(&caller, scope, client_id).await?.into()))
}
