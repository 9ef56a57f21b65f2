//! IP access lists: list, add, remove (service-accounts-api.md 7).

use std::collections::BTreeSet;

use ipnet::IpNet;
use rescind_core::{
    access_list::{AccessEntry, AccessList, MAX_ENTRIES},
    id::PrincipalId,
};
use rescind_store::Change;

use super::{MANAGE_ACCESS_LISTS, ManageError, SEE, Scope, covered};
use crate::{Authority, Caller, member::Member};

impl Authority {
    /// The access list of an account or an API key, oldest entry first (O9, P9). How often an entry was used is
    /// written down every few seconds.
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn access_entries(
        &self,
        caller: &Caller,
        scope: Scope,
        owner: impl Into<PrincipalId>,
    ) -> Result<Vec<AccessEntry>, ManageError> {
        let owner = owner.into();
        self.may(caller, scope, SEE)?;
        self.member_in(scope, owner)?;
        Ok(self.0.store.access_entries(owner).await?)
    }

    /// Adds entries to the access list of an account or an API key, all of them or none; the whole list
    /// afterwards (O10, P10). What is on it already stays as it is.
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn add_access_entries(
        &self,
        caller: &Caller,
        scope: Scope,
        owner: impl Into<PrincipalId>,
        networks: &BTreeSet<IpNet>,
    ) -> Result<Vec<AccessEntry>, ManageError> {
        let owner = owner.into();
        self.change(caller, |caller| {
            self.may(caller, scope, MANAGE_ACCESS_LISTS)?;
            let member = self.member_in(scope, owner)?;
            covered(caller, &member)?;
            let present: BTreeSet<IpNet> = networks_of(&member).collect();
            let new: Vec<IpNet> = networks.difference(&present).copied().collect();
            if present.len() + new.len() > MAX_ENTRIES {
                return Err(ManageError::TooManyEntries(owner));
            }
            let added =
                new.into_iter().map(|network| Change::AccessListEntryAdded { owner, network });
            Ok((added.collect(), ()))
        })
        .await?;
        Ok(self.0.store.access_entries(owner).await?)
    }

    /// Removes an entry from the access list of an account or an API key (O11, P11); not the one that lets the
    /// request itself through.
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn delete_access_entry(
        &self,
        caller: &Caller,
        scope: Scope,
        owner: impl Into<PrincipalId>,
        network: IpNet,
    ) -> Result<(), ManageError> {
        let owner = owner.into();
        self.change(caller, |caller| {
            self.may(caller, scope, MANAGE_ACCESS_LISTS)?;
            let member = self.member_in(scope, owner)?;
            covered(caller, &member)?;
            if !networks_of(&member).any(|present| present == network) {
                return Err(ManageError::EntryNotFound(network));
            }
            let lets_through = member.access_list().and_then(|list| list.find(caller.address()));
            if owner == caller.id() && lets_through == Some(network) {
                return Err(ManageError::CallersEntry);
            }
            Ok((vec![Change::AccessListEntryDeleted { owner, network }], ()))
        })
        .await
    }
}

fn networks_of(member: &Member) -> impl Iterator<Item = IpNet> {
    member.access_list().into_iter().flat_map(AccessList::networks)
}
