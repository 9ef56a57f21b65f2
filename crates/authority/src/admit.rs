//! From where an account may be used (service-accounts-api.md 7, "Effect of the list").

use std::net::IpAddr;

use rescind_core::account::Principal;

use crate::Authority;

/// Why an account may not be used from an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressRefused {
    /// Its organization requires an access list, and it has none.
    #[error("the organization requires an access list")]
    ListRequired,
    /// The address is not on its access list.
    #[error("the address is not on the access list")]
    NotOnList,
}

impl Authority {
    /// Whether `principal` may be used from `address`; notes the use of the entry that says so.
    pub(crate) fn admit(
        &self,
        principal: &Principal,
        address: IpAddr,
    ) -> Result<(), AddressRefused> {
        if let Some(list) = &principal.access_list {
            let network = list.find(address).ok_or(AddressRefused::NotOnList)?;
            let now = self.0.clock.now();
            self.0.access_use.record(principal.client_id, network, now, address);
            return Ok(());
        }
        let organization = self.0.view.organization(principal.rights.org_id);
        let required = organization.is_some_and(|o| o.value.settings.api_access_list_required);
        if required { Err(AddressRefused::ListRequired) } else { Ok(()) }
    }
}
