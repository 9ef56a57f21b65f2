//! Who calls the management API.

use std::net::IpAddr;

use rescind_core::{
    authorization::Rights,
    id::{ClientId, PrincipalId},
};
use rescind_store::Actor;

use crate::{member::Member, view::View};

/// A service account that showed a live token of its own, or an API key that proved itself.
#[derive(Clone, Debug)]
pub struct Caller {
    member: Member,
    address: IpAddr,
}

impl Caller {
    pub(crate) fn new(member: Member, address: IpAddr) -> Self {
        Self { member, address }
    }

    /// What it may do, as of now: its roles are not those of a token's issue.
    #[must_use]
    pub fn rights(&self) -> &Rights {
        self.member.rights()
    }

    /// Who it is.
    #[must_use]
    pub fn id(&self) -> PrincipalId {
        self.member.id()
    }

    /// The service account, if it is one.
    #[must_use]
    pub fn client_id(&self) -> Option<ClientId> {
        match &self.member {
            Member::Account(account) => Some(account.client_id),
            Member::ApiKey(_) => None,
        }
    }

    /// Where it is asking from.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.address
    }

    pub(crate) fn actor(&self) -> Actor {
        let address = self.address;
        match &self.member {
            Member::Account(account) => Actor::Account { client_id: account.client_id, address },
            Member::ApiKey(key) => {
                Actor::ApiKey { id: key.id, public_key: key.public_key, address }
            }
        }
    }

    /// The same caller, with what it may do now; nothing at all if it is gone.
    pub(crate) fn as_of_now(&self, view: &View) -> Self {
        let member = view.member(self.id()).unwrap_or_else(|| self.member.without_rights());
        Self { member, address: self.address }
    }
}
