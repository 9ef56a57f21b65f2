//! Secrets of a service account (service-accounts-api.md 2.2 and 5).

pub(crate) mod create;
pub(crate) mod delete;

use rescind_authority::NewSecret;
use rescind_core::{account::Secret, clock::UnixTime, id::SecretId, secret};
use serde::Serialize;
use utoipa::ToSchema;

use crate::openapi::schema;

/// A secret of a service account: itself once, and its mask ever after.
#[derive(Serialize, ToSchema)]
#[schema(as = Secret)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretView {
    #[schema(value_type = schema::Time)]
    created_at: UnixTime,
    #[schema(value_type = schema::Time)]
    expires_at: UnixTime,
    #[schema(value_type = schema::Id)]
    id: SecretId,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Time>, nullable = false)]
    last_used_at: Option<UnixTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    masked_secret_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    secret: Option<String>,
}

impl SecretView {
    /// With its mask.
    pub(crate) fn masked(stored: &Secret) -> Self {
        Self {
            created_at: stored.created_at,
            expires_at: stored.expires_at,
            id: stored.id,
            last_used_at: stored.last_used_at,
            masked_secret_value: Some(secret::masked(&stored.last_four)),
            secret: None,
        }
    }

    /// With the secret itself, which was just made.
    pub(crate) fn plain(new: &NewSecret) -> Self {
        let secret = Some(new.plain.expose().to_owned());
        Self { masked_secret_value: None, secret, ..Self::masked(&new.secret) }
    }
}
