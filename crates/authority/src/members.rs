//! Who and what belongs to an organization, in the order of creation, so that a page of a list is
//! cut out of memory however long the list is.

use std::collections::{BTreeSet, HashMap};

use rescind_core::{
    account::Principal,
    id::{ClientId, GroupId},
    role::OrgRole,
};

/// The accounts and projects of one organization. Ids begin with the time: sorted, they are in
/// the order of creation.
#[derive(Debug, Default)]
pub(crate) struct Members {
    accounts: Vec<ClientId>,
    owners: BTreeSet<ClientId>,
    groups: Vec<GroupId>,
    assigned: HashMap<GroupId, Vec<ClientId>>,
}

impl Members {
    /// All accounts.
    pub(crate) fn accounts(&self) -> &[ClientId] {
        &self.accounts
    }

    /// The accounts that are assigned to a project.
    pub(crate) fn assigned(&self, group_id: GroupId) -> &[ClientId] {
        self.assigned.get(&group_id).map_or(&[], Vec::as_slice)
    }

    /// All projects.
    pub(crate) fn groups(&self) -> &[GroupId] {
        &self.groups
    }

    /// Whether `client_id` is an owner, and no other account is.
    pub(crate) fn is_last_owner(&self, client_id: ClientId) -> bool {
        self.owners.len() == 1 && self.owners.contains(&client_id)
    }

    pub(crate) fn insert(&mut self, principal: &Principal) {
        insert(&mut self.accounts, principal.client_id);
        if principal.rights.roles.contains(OrgRole::Owner) {
            self.owners.insert(principal.client_id);
        }
        for assignment in &principal.rights.assignments {
            insert(self.assigned.entry(assignment.group_id).or_default(), principal.client_id);
        }
    }

    pub(crate) fn remove(&mut self, principal: &Principal) {
        remove(&mut self.accounts, principal.client_id);
        self.owners.remove(&principal.client_id);
        for assignment in &principal.rights.assignments {
            if let Some(assigned) = self.assigned.get_mut(&assignment.group_id) {
                remove(assigned, principal.client_id);
            }
        }
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
