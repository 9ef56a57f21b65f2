//! From where an account or an API key may be used (service-accounts-api.md 7, "Effect of the
//! list").

use std::net::IpAddr;

use ipnet::IpNet;
use rescind_core::{
    access_list::AccessList,
    account::Principal,
    api_key::ApiKeyPrincipal,
    id::{OrgId, PrincipalId},
};

use crate::Authority;

/// Why an account or an API key may not be used from an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressRefused {
    /// Its organization requires an access list, and it has none.
    #[error("the organization requires an access list")]
    ListRequired,
    /// The address is not on its access list.
    #[error("the address is not on the access list")]
    NotOnList,
}

/// What decides from where somebody may be used.
pub(crate) struct Access<'a> {
    id: PrincipalId,
    org_id: OrgId,
    list: Option<&'a AccessList>,
}

impl<'a> From<&'a Principal> for Access<'a> {
    fn from(account: &'a Principal) -> Self {
        let list = account.access_list.as_deref();
        Self { id: account.client_id.into(), org_id: account.rights.org_id, list }
    }
}

impl<'a> From<&'a ApiKeyPrincipal> for Access<'a> {
    fn from(key: &'a ApiKeyPrincipal) -> Self {
        let list = key.access_list.as_deref();
        Self { id: key.id.into(), org_id: key.rights.org_id, list }
    }
}

impl Authority {
    /// Whether an account or a key may be used from `address`; notes the use of the entry that
    /// says so.
    pub(crate) fn admit<'a>(
        &self,
        who: impl Into<Access<'a>>,
        address: IpAddr,
    ) -> Result<(), AddressRefused> {
        let access = who.into();
        let id = access.id;
        if let Some(network) = self.admitting(access, address)? {
            self.0.access_use.record(id, network, self.0.clock.now(), address);
        }
        Ok(())
    }

    /// The entry by which an account or a key may be used from `address`; none, if it may without.
    pub(crate) fn admitting<'a>(
        &self,
        who: impl Into<Access<'a>>,
        address: IpAddr,
    ) -> Result<Option<IpNet>, AddressRefused> {
        let Access { org_id, list, .. } = who.into();
        if let Some(list) = list {
            return list.find(address).ok_or(AddressRefused::NotOnList).map(Some);
        }
        let organization = self.0.view.organization(org_id);
        let required = organization.is_some_and(|o| o.value.settings.api_access_list_required);
        if required { Err(AddressRefused::ListRequired) } else { Ok(None) }
    }
}
