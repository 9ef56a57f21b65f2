//! Secrets of a service account (service-accounts-api.md 2.2 and 5).

pub(crate) mod create;
pub(crate) mod delete;

use rescind_authority::NewSecret;
use rescind_core::{account::Secret, clock::UnixTime, id::SecretId, secret};
use serde::Serialize;

/// A secret as the API shows it: itself once, and its mask ever after.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretView {
    created_at: UnixTime,
    expires_at: UnixTime,
    id: SecretId,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<UnixTime>,
    #[serde(skip_serializing_if = "Option::is_none")]
    masked_secret_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
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
