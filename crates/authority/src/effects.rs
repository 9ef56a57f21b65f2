//! What changes of the log do: what memory follows, and what those who check tokens elsewhere must
//! hear of.

use rescind_core::{
    id::{ClientId, OrgId},
    status_list::{BlockRef, StatusRef},
};
use rescind_store::{Event, Store, StoreError};

/// What some entries of the log did. To hear of it twice does no harm.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Tokens that are dead.
    pub tokens: Vec<StatusRef>,
    /// Blocks whose tokens are all dead.
    pub blocks: Vec<BlockRef>,
    /// Accounts that may do something else than before, or from elsewhere, or that are gone.
    pub accounts: Vec<(OrgId, ClientId)>,
    /// Organizations of which all accounts may do something else, or that are gone.
    pub organizations: Vec<OrgId>,
}

impl Effects {
    /// What an entry does. The blocks of an account or a secret are those that it has now: none
    /// were taken away since.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    pub(crate) async fn of(
        event: &Event,
        org_id: Option<OrgId>,
        store: &dyn Store,
    ) -> Result<Self, StoreError> {
        let mut effects = Self::default();
        match *event {
            Event::TokenRevoked { list, index, .. } => {
                effects.tokens.push(StatusRef { list, index });
            }
            Event::SecretTokensRevoked { client_id, secret_id }
            | Event::ServiceAccountSecretDeleted { client_id, secret_id } => {
                effects.blocks = store.blocks(client_id, Some(secret_id)).await?;
            }
            Event::AccountTokensRevoked { client_id } => {
                effects.blocks = store.blocks(client_id, None).await?;
            }
            Event::ServiceAccountDeleted { client_id } => {
                effects.blocks = store.blocks(client_id, None).await?;
                effects.accounts.extend(org_id.map(|org_id| (org_id, client_id)));
            }
            Event::ServiceAccountRolesChanged { client_id, .. }
            | Event::ServiceAccountAddedToGroup { client_id, .. }
            | Event::ServiceAccountRemovedFromGroup { client_id, .. }
            | Event::ServiceAccountAccessListEntryAdded { client_id, .. }
            | Event::ServiceAccountAccessListEntryDeleted { client_id, .. } => {
                effects.accounts.extend(org_id.map(|org_id| (org_id, client_id)));
            }
            // Whoever was assigned to the group has lost its roles there.
            Event::GroupDeleted { .. } => effects.organizations.extend(org_id),
            Event::OrganizationSettingsChanged { org_id } => effects.organizations.push(org_id),
            Event::OrganizationDeleted { org_id } => {
                // Its blocks cannot be asked for by account any more; those that are full are.
                effects.blocks = store.full_blocks().await?;
                effects.organizations.push(org_id);
            }
            Event::InstallationCreated
            | Event::OrganizationCreated { .. }
            | Event::OrganizationRenamed { .. }
            | Event::GroupCreated { .. }
            | Event::GroupRenamed { .. }
            | Event::ServiceAccountCreated { .. }
            | Event::ServiceAccountDetailsChanged { .. }
            | Event::ServiceAccountSecretAdded { .. }
            // An API key has no tokens, and is no business of those who check tokens.
            | Event::ApiKeyCreated { .. }
            | Event::ApiKeyDescriptionChanged { .. }
            | Event::ApiKeyRolesChanged { .. }
            | Event::ApiKeyDeleted { .. }
            | Event::ApiKeyAccessListEntryAdded { .. }
            | Event::ApiKeyAccessListEntryDeleted { .. }
            | Event::InstallationKeyRotated
            | Event::DataKeysAdopted
            | Event::SigningKeyAdded { .. }
            | Event::SigningKeyRemoved { .. }
            | Event::StatusListOpened { .. }
            | Event::BlocksTaken { .. } => {}
        }
        Ok(effects)
    }

    /// Whether nobody need hear of them.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { tokens, blocks, accounts, organizations } = self;
        tokens.is_empty() && blocks.is_empty() && accounts.is_empty() && organizations.is_empty()
    }

    /// Adds what happened after these.
    pub(crate) fn extend(&mut self, later: Self) {
        self.tokens.extend(later.tokens);
        self.blocks.extend(later.blocks);
        self.accounts.extend(later.accounts);
        self.organizations.extend(later.organizations);
    }
}
