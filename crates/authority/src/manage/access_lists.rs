//! IP access lists: list, add, remove (service-accounts-api.md 7).

use std::collections::BTreeSet;

use ipnet::IpNet;
use rescind_core::{
    access_list::{AccessEntry, MAX_ENTRIES},
    account::Principal,
    id::ClientId,
};
use rescind_store::Change;

use super::{MANAGE_ACCESS_LISTS, ManageError, SEE, Scope};
use crate::{Authority, Caller};

impl Authority {
    /// The access list of an account, oldest entry first (O9, P9). How often an entry was used is
    /// written down every few seconds.
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn access_entries(
        &self,
        caller: &Caller,
        scope: Scope,
        client_id: ClientId,
    ) -> Result<Vec<AccessEntry>, ManageError> {
        self.may(caller, scope, SEE)?;
        self.account_in(scope, client_id)?;
        Ok(self.0.store.access_entries(client_id).await?)
    }

    /// Adds entries to the access list of an account, all of them or none; the whole list
    /// afterwards (O10, P10). What is on it already stays as it is.
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn add_access_entries(
        &self,
        caller: &Caller,
        scope: Scope,
        client_id: ClientId,
        networks: &BTreeSet<IpNet>,
    ) -> Result<Vec<AccessEntry>, ManageError> {
        self.change(caller, |caller| {
            self.may(caller, scope, MANAGE_ACCESS_LISTS)?;
            let (principal, _) = self.manageable(caller, scope, client_id)?;
            let present: BTreeSet<IpNet> = networks_of(&principal).collect();
            let new: Vec<IpNet> = networks.difference(&present).copied().collect();
            if present.len() + new.len() > MAX_ENTRIES {
                return Err(ManageError::TooManyEntries);
            }
            let added =
                new.into_iter().map(|network| Change::AccessListEntryAdded { client_id, network });
            Ok((added.collect(), ()))
        })
        .await?;
        Ok(self.0.store.access_entries(client_id).await?)
    }

    /// Removes an entry from the access list of an account (O11, P11); not the one that lets the
    /// request itself through.
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn delete_access_entry(
        &self,
        caller: &Caller,
        scope: Scope,
        client_id: ClientId,
        network: IpNet,
    ) -> Result<(), ManageError> {
        self.change(caller, |caller| {
            self.may(caller, scope, MANAGE_ACCESS_LISTS)?;
            let (principal, _) = self.manageable(caller, scope, client_id)?;
            if !networks_of(&principal).any(|present| present == network) {
                return Err(ManageError::EntryNotFound(network));
            }
            let lets_through =
                principal.access_list.as_ref().and_then(|list| list.find(caller.address()));
            if client_id == caller.client_id() && lets_through == Some(network) {
                return Err(ManageError::CallersEntry);
            }
            Ok((vec![Change::AccessListEntryDeleted { client_id, network }], ()))
        })
        .await
    }
}

fn networks_of(principal: &Principal) -> impl Iterator<Item = IpNet> {
    principal.access_list.iter().flat_map(|list| list.blocks()).copied()
}
