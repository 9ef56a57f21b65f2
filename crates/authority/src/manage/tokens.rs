//! Every token of an account is taken back, or every token minted with one of its secrets.

use rescind_core::{
    authorization::OrgAction,
    id::{ClientId, OrgId, SecretId},
};
use rescind_store::Seq;

use super::{Denied, ManageError, Scope};
use crate::{Authority, Caller};

impl Authority {
    /// Takes back every token of an account, or those minted with one secret, in one commit
    /// however many they are; the event that tells of it. An owner of the organization may, and the
    /// account itself.
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn revoke_all(
        &self,
        caller: &Caller,
        org_id: OrgId,
        client_id: ClientId,
        secret_id: Option<SecretId>,
    ) -> Result<Seq, ManageError> {
        let caller = &caller.as_of_now(&self.0.view);
        self.may_in_org(caller, org_id, OrgAction::See)?;
        let own = caller.client_id() == Some(client_id);
        if !own && !caller.rights().permit(OrgAction::ManageAccounts) {
            return Err(Denied::NotOrgOwner.into());
        }
        let (principal, _) = self.account_in(Scope::Org(org_id), client_id)?;
        let Some(secret_id) = secret_id else {
            let actor = caller.actor();
            return Ok(self.revoke_tokens_of_account(actor, org_id, client_id).await?);
        };
        if !principal.credentials.iter().any(|credential| credential.id == secret_id) {
            return Err(ManageError::SecretNotFound(secret_id));
        }
        Ok(self.revoke_tokens_of_secret(caller.actor(), org_id, client_id, secret_id).await?)
    }
}
