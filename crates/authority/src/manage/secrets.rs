//! Secrets: add, delete (service-accounts-api.md 5).

use rescind_core::{
    account::{MAX_SECRETS, OVERLAP_SECONDS, Secret},
    clock::UnixTime,
    id::{ClientId, OrgId, SecretId},
    secret::ClientSecret,
};
use rescind_store::Change;

use super::{MANAGE_ACCOUNTS, ManageError, Scope, accounts::after_hours};
use crate::{Authority, Caller, view::View};

/// A secret that was just made: what is kept of it, and itself, for the one answer that shows it.
#[derive(Clone, Debug)]
pub struct NewSecret {
    /// What is kept.
    pub secret: Secret,
    /// The secret.
    pub plain: ClientSecret,
}

impl Authority {
    /// Adds a secret to an account (O6, P7). An older one lives on for seven days at the most, so
    /// that there is time to hand the new one out.
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn add_secret(
        &self,
        caller: &Caller,
        scope: Scope,
        client_id: ClientId,
        hours: u32,
    ) -> Result<NewSecret, ManageError> {
        self.change(caller, |caller| {
            let org_id = self.may(caller, scope, MANAGE_ACCOUNTS)?;
            let principal = self.manageable(caller, scope, client_id)?;
            if principal.credentials.len() >= MAX_SECRETS {
                return Err(ManageError::TooManySecrets);
            }
            hours_allowed(&self.0.view, org_id, hours)?;
            let now = self.0.clock.now();
            let new = self.new_secret(now, hours);
            let added = Change::SecretAdded {
                client_id,
                secret: new.secret.clone(),
                others_expire_by: now.plus_seconds(OVERLAP_SECONDS),
            };
            Ok((vec![added], new))
        })
        .await
    }

    /// Deletes a secret; the tokens minted with it are dead from then on (O7, P8).
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn delete_secret(
        &self,
        caller: &Caller,
        scope: Scope,
        client_id: ClientId,
        secret_id: SecretId,
    ) -> Result<(), ManageError> {
        self.change(caller, |caller| {
            self.may(caller, scope, MANAGE_ACCOUNTS)?;
            let principal = self.manageable(caller, scope, client_id)?;
            if !principal.credentials.iter().any(|credential| credential.id == secret_id) {
                return Err(ManageError::SecretNotFound(secret_id));
            }
            Ok((vec![Change::SecretDeleted { client_id, secret_id }], ()))
        })
        .await
    }

    pub(super) fn new_secret(&self, now: UnixTime, hours: u32) -> NewSecret {
        let random = &*self.0.random;
        let plain = ClientSecret::generate(random);
        let secret = Secret {
            id: self.0.ids.next(now, random),
            hash: self.0.hasher.hash(plain.expose()),
            last_four: plain.last_four().to_owned(),
            created_at: now,
            expires_at: after_hours(now, hours),
            last_used_at: None,
        };
        NewSecret { secret, plain }
    }
}

/// Whether the organization allows a secret to live that long. What the contract allows is the
/// parser's to check.
pub(super) fn hours_allowed(view: &View, org_id: OrgId, hours: u32) -> Result<(), ManageError> {
    let organization = view.organization(org_id);
    match organization.and_then(|organization| organization.value.settings.max_secret_hours) {
        Some(max) if hours > max => Err(ManageError::SecretTooLong(max)),
        _ => Ok(()),
    }
}
