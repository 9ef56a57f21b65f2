//! What happened in an organization or a project, by whom, and from where.

use rescind_core::{
    authorization::{GroupAction, OrgAction},
    id::OrgId,
};
use rescind_store::{Entry, EventFilter};

use super::{ManageError, Scope};
use crate::{Authority, Caller};

impl Authority {
    /// A page of the log, newest first, and how many entries there are in all. The filter's
    /// project is that of the scope.
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn events(
        &self,
        caller: &Caller,
        scope: Scope,
        filter: EventFilter,
    ) -> Result<(Vec<Entry>, u64), ManageError> {
        let (org_id, group_id): (OrgId, _) = match scope {
            Scope::Org(org_id) => {
                self.may_in_org(caller, org_id, OrgAction::Manage)?;
                (org_id, None)
            }
            Scope::Group(group_id) => {
                let group = self.may_in_group(caller, group_id, GroupAction::Manage)?;
                (group.org_id, Some(group_id))
            }
        };
        let filter = EventFilter { group_id, ..filter };
        Ok(self.0.store.events(org_id, &filter).await?)
    }
}
