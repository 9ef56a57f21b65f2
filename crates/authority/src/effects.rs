//! What changes of the log do: what memory follows, and what those who check tokens elsewhere must
//! hear of.

use std::collections::BTreeSet;

use rescind_core::{
    id::{ClientId, OrgId},
    status_list::{BlockRef, StatusRef},
};
use rescind_store::{Event, Store, StoreError, TokensOf};

/// What some entries of the log did. To hear of it twice does no harm.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Tokens that are dead.
    pub tokens: BTreeSet<StatusRef>,
    /// Blocks whose tokens are all dead.
    pub blocks: BTreeSet<BlockRef>,
    /// Accounts that may do something else than before, or from elsewhere, or that are gone.
    pub accounts: BTreeSet<(OrgId, ClientId)>,
    /// Organizations of which all accounts may do something else, or that are gone.
    pub organizations: BTreeSet<OrgId>,
}

/// The effects of entries that are gone through one by one: whose tokens are dead is known of them,
/// and not yet which these are.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    effects: Effects,
    dead: BTreeSet<TokensOf>,
}

impl Gathered {
    /// Adds what an entry did.
    pub(crate) fn add(&mut self, event: &Event, org_id: Option<OrgId>) {
        let Self { effects, dead } = self;
        match *event {
            Event::TokenRevoked { list, index, .. } => {
                effects.tokens.insert(StatusRef { list, index });
            }
            Event::SecretTokensRevoked { client_id, secret_id }
            | Event::ServiceAccountSecretDeleted { client_id, secret_id } => {
                dead.insert(TokensOf::Secret(client_id, secret_id));
            }
            Event::AccountTokensRevoked { client_id } => {
                dead.insert(TokensOf::Account(client_id));
            }
            Event::ServiceAccountDeleted { client_id } => {
                dead.insert(TokensOf::Account(client_id));
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
            Event::OrganizationSettingsChanged { org_id } => {
                effects.organizations.insert(org_id);
            }
            Event::OrganizationDeleted { org_id } => {
                dead.insert(TokensOf::DeletedOrganization(org_id));
                effects.organizations.insert(org_id);
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
    }

    /// The effects, with the blocks that died. These are the ones of which every bit is set by now:
    /// whoever lost its tokens may have got others since, in blocks that are alive.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    pub(crate) async fn finish(self, store: &dyn Store) -> Result<Effects, StoreError> {
        let Self { mut effects, dead } = self;
        if !dead.is_empty() {
            let dead: Vec<_> = dead.into_iter().collect();
            effects.blocks.extend(store.dead_blocks(&dead).await?);
        }
        Ok(effects)
    }
}

impl Effects {
    /// How much there is to hear of.
    #[must_use]
    pub fn len(&self) -> usize {
        let Self { tokens, blocks, accounts, organizations } = self;
        tokens.len() + blocks.len() + accounts.len() + organizations.len()
    }

    /// Whether nobody need hear of them.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds what happened after these.
    pub(crate) fn extend(&mut self, later: Self) {
        self.tokens.extend(later.tokens);
        self.blocks.extend(later.blocks);
        self.accounts.extend(later.accounts);
        self.organizations.extend(later.organizations);
    }
}
