//! The organizations and projects that a caller can see (service-accounts-api.md 10).

use std::sync::Arc;

use rescind_core::{
    id::OrgId,
    organization::{Group, Organization},
};

use crate::{Authority, Caller};

impl Authority {
    /// The organizations that `caller` belongs to, oldest first.
    #[must_use]
    pub fn organizations(&self, caller: &Caller) -> Vec<Arc<Organization>> {
        self.organization(caller, caller.principal().org_id).into_iter().collect()
    }

    /// An organization, if `caller` belongs to it; another one does not exist for it.
    #[must_use]
    pub fn organization(&self, caller: &Caller, org_id: OrgId) -> Option<Arc<Organization>> {
        let own = caller.principal().org_id == org_id;
        own.then(|| self.0.view.organization(org_id)).flatten()
    }

    /// The projects that `caller` can see, oldest first.
    #[must_use]
    pub fn groups(&self, caller: &Caller) -> Vec<Arc<Group>> {
        let principal = caller.principal();
        let mut groups = self.0.view.groups_of(principal.org_id);
        groups.retain(|group| principal.sees_group(group.id));
        groups
    }
}
