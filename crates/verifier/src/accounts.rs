//! What accounts may do and from where: fetched when the first token of one is seen, and again
//! when the feed says that it has changed.

use std::{net::IpAddr, sync::Arc};

use ipnet::IpNet;
use rescind_core::{access_list::AccessList, id::ClientId};
use serde::Deserialize;
use tokio::sync::OnceCell;

use crate::{Refusal, places::Places};

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

/// What came of the question for an account.
#[derive(Clone)]
pub(crate) struct Found {
    /// `None`: it is gone, or of another organization. Then its tokens are not for us.
    pub(crate) account: Option<Arc<Account>>,
    /// When it was asked for, in seconds since 1970.
    pub(crate) asked_at: i64,
}

/// All accounts that tokens were seen of. Those who need one wait in its place: the first asks for
/// it, and all hear how that went.
pub(crate) type Accounts = Places<ClientId, OnceCell<Result<Found, Refusal>>>;
