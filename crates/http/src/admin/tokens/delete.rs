//! `DELETE /orgs/{orgId}/serviceAccounts/{clientId}/tokens` and `…/secrets/{secretId}/tokens`:
//! take them all back, in one commit however many they are.

use axum::{
    extract::{Path, State},
    http::{HeaderName, HeaderValue, StatusCode},
};
use rescind_authority::Authority;
use serde::Deserialize;

use crate::{
    admin::{
        authenticated::Authenticated,
        error::ApiError,
        path::{self, InOrg, Of},
    },
    feed::{EVENT, event_number},
};

/// The secret, in the path of one.
#[derive(Deserialize)]
pub(crate) struct Name {
    secret_id: Option<String>,
}

/// Answers 204 once all of them are dead on disk. Tokens issued later are not affected.
#[utoipa::path(
    delete,
    path = "",
    summary = "Revoke all tokens",
    description = "All of a service account, or all that were minted with one secret, in one commit \
                   however many they are. Beyond MongoDB's contract.",
    tag = "Tokens",
    responses((status = 204, description = "They are dead, on disk"))
)]
pub(crate) async fn delete(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InOrg(org_id): InOrg,
    Of(client_id): Of,
    Path(Name { secret_id }): Path<Name>,
) -> Result<(StatusCode, [(HeaderName, HeaderValue); 1]), ApiError> {
    let secret_id = secret_id.map(|id| path::secret(&id)).transpose()?;
    let event = authority.revoke_all(&caller, org_id, client_id, secret_id).await?;
    Ok((StatusCode::NO_CONTENT, [(EVENT, event_number(event))]))
}
