//! What accounts may do and from where: fetched when the first token of one is seen, and again
//! when the feed says that it has changed.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use ipnet::IpNet;
use rescind_core::{access_list::AccessList, id::ClientId};
use serde::Deserialize;
use tokio::sync::OnceCell;

/// A service account, as its authority knows it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Its id.
    pub client_id: String,
    /// Its organization.
    pub org_id: String,
    /// Its roles in the organization, such as `ORG_READ_ONLY`.
    pub roles: Vec<String>,
    /// The projects that it is assigned to.
    pub groups: Vec<Assignment>,
    #[serde(default, deserialize_with = "access_list")]
    access_list: Option<AccessList>,
    access_list_required: bool,
}

/// The roles of an account in a project.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Assignment {
    /// The project.
    pub group_id: String,
    /// Its roles there, such as `GROUP_READ_ONLY`.
    pub roles: Vec<String>,
}

fn access_list<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<AccessList>, D::Error> {
    Ok(Option::<Vec<IpNet>>::deserialize(deserializer)?.map(AccessList::new))
}

impl Account {
    /// Whether it has this role in the organization.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|held| held == role)
    }

    /// Whether it has this role in a project.
    #[must_use]
    pub fn has_role_in(&self, group_id: &str, role: &str) -> bool {
        let held = self.groups.iter().filter(|assignment| assignment.group_id == group_id);
        held.flat_map(|assignment| &assignment.roles).any(|held| held == role)
    }

    /// Whether it may be used from `address` (service-accounts-api.md 7, "Effect of the list").
    #[must_use]
    pub fn admits(&self, address: IpAddr) -> bool {
        match &self.access_list {
            Some(list) => list.find(address.to_canonical()).is_some(),
            None => !self.access_list_required,
        }
    }
}

/// A place for an account. One that is gone stays empty.
#[derive(Default)]
pub(crate) struct Place {
    account: OnceCell<Option<Arc<Account>>>,
    stale: AtomicBool,
}

impl Place {
    /// Where those wait who need it; the first of them fetches it.
    pub(crate) fn account(&self) -> &OnceCell<Option<Arc<Account>>> {
        &self.account
    }

    /// Whether it is as its authority knows it, as long as the feed is heard.
    pub(crate) fn is_fresh(&self) -> bool {
        self.account.initialized() && !self.stale.load(Ordering::Acquire)
    }
}

/// All accounts that tokens were seen of.
#[derive(Default)]
pub(crate) struct Accounts(papaya::HashMap<ClientId, Arc<Place>>);

impl Accounts {
    /// The place of an account, perhaps still to be filled.
    pub(crate) fn place(&self, id: ClientId) -> Arc<Place> {
        Arc::clone(self.0.pin().get_or_insert_with(id, Arc::default))
    }

    /// An account has changed: it is fetched again when it is next needed.
    pub(crate) fn distrust(&self, id: ClientId) {
        if let Some(place) = self.0.pin().remove(&id) {
            place.stale.store(true, Ordering::Release);
        }
    }

    /// All of them may have changed.
    pub(crate) fn distrust_all(&self) {
        let accounts = self.0.pin();
        for place in accounts.values() {
            place.stale.store(true, Ordering::Release);
        }
        accounts.clear();
    }

    /// Lets go of a place that could not be filled.
    pub(crate) fn forget(&self, id: ClientId, place: &Arc<Place>) {
        let _another_by_now = self.0.pin().remove_if(&id, |_, held| Arc::ptr_eq(held, place));
    }
}
