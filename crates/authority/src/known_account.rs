//! What those who check tokens elsewhere must know of an account.

use std::sync::Arc;

use rescind_core::{account::Principal, id::ClientId};
use rescind_store::Seq;

use crate::{Authority, Caller};

/// An account, as of an event.
#[derive(Clone, Debug)]
pub struct KnownAccount {
    /// What is known of it.
    pub principal: Arc<Principal>,
    /// Whether its organization lets no account without an access list in.
    pub access_list_required: bool,
    /// It includes everything up to this event.
    pub event: Seq,
}

impl Authority {
    /// An account of the caller's organization.
    #[must_use]
    pub fn known_account(&self, caller: &Caller, client_id: ClientId) -> Option<KnownAccount> {
        let event = self.0.view.seq(); // before it is looked at: it may be newer, and never older
        let org_id = caller.rights().org_id;
        let principal = self.0.view.principal(client_id)?;
        if principal.rights.org_id != org_id {
            return None;
        }
        let organization = self.0.view.organization(org_id)?;
        let access_list_required = organization.value.settings.api_access_list_required;
        Some(KnownAccount { principal, access_list_required, event })
    }
}
