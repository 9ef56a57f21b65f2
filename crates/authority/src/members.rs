//! Who and what belongs to an organization, in the order of creation, so that a page of a list is
//! cut out of memory however long the list is.

use std::collections::{BTreeSet, HashMap};

use foldhash::fast::RandomState;
use rescind_core::{
    id::{ApiKeyId, ClientId, GroupId, PrincipalId},
    role::OrgRole,
};

use crate::member::Member;

/// The accounts, API keys and projects of one organization. Sorted, ids are in the order of creation
/// (`Ids`).
#[derive(Debug, Default)]
pub(crate) struct Members {
    accounts: Vec<ClientId>,
    api_keys: Vec<ApiKeyId>,
    owners: BTreeSet<PrincipalId>,
    groups: Vec<GroupId>,
    /// Hashed quickly, since all ids are of our own making: nobody can choose them to collide.
    assigned: HashMap<GroupId, Vec<ClientId>, RandomState>,
}

impl Members {
    /// All accounts.
    pub(crate) fn accounts(&self) -> &[ClientId] {
        &self.accounts
    }

    /// Accounts and API keys.
    pub(crate) fn all(&self) -> impl Iterator<Item = PrincipalId> {
        let accounts = self.accounts.iter().copied().map(PrincipalId::Account);
        accounts.chain(self.api_keys.iter().copied().map(PrincipalId::ApiKey))
    }

    /// All API keys.
    pub(crate) fn api_keys(&self) -> &[ApiKeyId] {
        &self.api_keys
    }

    /// The accounts that are assigned to a project.
    pub(crate) fn assigned(&self, group_id: GroupId) -> &[ClientId] {
        self.assigned.get(&group_id).map_or(&[], Vec::as_slice)
    }

    /// All projects.
    pub(crate) fn groups(&self) -> &[GroupId] {
        &self.groups
    }

    /// Whether `id` is an owner, and nobody else is that `counts`.
    pub(crate) fn is_last_owner(
        &self,
        id: PrincipalId,
        counts: impl Fn(PrincipalId) -> bool,
    ) -> bool {
        let mut others = self.owners.iter().filter(|other| **other != id);
        self.owners.contains(&id) && !others.any(|other| counts(*other))
    }

    /// The greatest id of them all; zero, if there is none.
    pub(crate) fn greatest_id(&self) -> [u8; 12] {
        let account = self.accounts.last().map(ClientId::as_bytes);
        let api_key = self.api_keys.last().map(ApiKeyId::as_bytes);
        let group = self.groups.last().map(GroupId::as_bytes);
        account.max(api_key).max(group).copied().unwrap_or_default()
    }

    pub(crate) fn insert(&mut self, member: &Member) {
        match member {
            Member::Account(account) => {
                insert(&mut self.accounts, account.client_id);
                for assignment in &account.rights.assignments {
                    let assigned = self.assigned.entry(assignment.group_id).or_default();
                    insert(assigned, account.client_id);
                }
            }
            Member::ApiKey(key) => insert(&mut self.api_keys, key.id),
        }
        if member.rights().roles.contains(OrgRole::Owner) {
            self.owners.insert(member.id());
        }
    }

    pub(crate) fn remove(&mut self, member: &Member) {
        match member {
            Member::Account(account) => {
                remove(&mut self.accounts, account.client_id);
                for assignment in &account.rights.assignments {
                    if let Some(assigned) = self.assigned.get_mut(&assignment.group_id) {
                        remove(assigned, account.client_id);
                    }
                }
            }
            Member::ApiKey(key) => remove(&mut self.api_keys, key.id),
        }
        self.owners.remove(&member.id());
    }

    pub(crate) fn insert_group(&mut self, group_id: GroupId) {
        insert(&mut self.groups, group_id);
    }

    pub(crate) fn remove_group(&mut self, group_id: GroupId) {
        remove(&mut self.groups, group_id);
        self.assigned.remove(&group_id);
    }
}

/// Nearly always at the end, where the newest belong.
fn insert<T: Ord + Copy>(sorted: &mut Vec<T>, item: T) {
    if sorted.last().is_none_or(|last| *last < item) {
        sorted.push(item);
    } else if let Err(at) = sorted.binary_search(&item) {
        sorted.insert(at, item);
    }
}

fn remove<T: Ord + Copy>(sorted: &mut Vec<T>, item: T) {
    if let Ok(at) = sorted.binary_search(&item) {
        sorted.remove(at);
    }
}
