//! Projects: list, see, create, rename, delete (service-accounts-api.md 10).

use std::sync::Arc;

use enumset::EnumSet;
use rescind_core::{
    account::Assignment,
    authorization::{GroupAction, OrgAction},
    id::{GroupId, OrgId},
    organization::Group,
    role::{GroupRole, OrgRole},
    text::Name,
};
use rescind_store::Change;

use super::{Denied, ManageError, Range};
use crate::{Authority, Caller};

impl Authority {
    /// The projects that `caller` can see, oldest first, as far as `range` asks for them, and how
    /// many there are in all.
    #[must_use]
    pub fn groups(&self, caller: &Caller, range: Range) -> (Vec<Arc<Group>>, usize) {
        let rights = caller.rights();
        let (ids, total) = if rights.permit_in_all(GroupAction::See) {
            self.0.view.members(rights.org_id, |members| {
                (range.of(members.groups()), members.groups().len())
            })
        } else {
            let mut ids: Vec<_> = rights.assignments.iter().map(|own| own.group_id).collect();
            ids.sort_unstable();
            (range.of(&ids), ids.len())
        };
        (ids.into_iter().filter_map(|id| self.0.view.group(id)).collect(), total)
    }

    /// One project.
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub fn group(&self, caller: &Caller, group_id: GroupId) -> Result<Arc<Group>, ManageError> {
        self.may_in_group(caller, group_id, GroupAction::See)
    }

    /// Makes a project. An account that makes one without owning the organization owns it. An API
    /// key cannot own one alone, so that it must own the organization.
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn create_group(
        &self,
        caller: &Caller,
        org_id: OrgId,
        name: &Name,
    ) -> Result<Group, ManageError> {
        self.change(caller, |caller| {
            self.may_in_org(caller, org_id, OrgAction::CreateGroups)?;
            let now = self.0.clock.now();
            let group = Group {
                id: self.0.ids.next(now, &*self.0.random),
                org_id,
                name: name.to_string(),
                created_at: now,
            };
            let mut changes = vec![Change::GroupCreated(group.clone())];
            if !caller.rights().roles.contains(OrgRole::Owner) {
                changes.push(Change::ServiceAccountAssigned {
                    client_id: caller.client_id().ok_or(Denied::NotOrgOwner)?,
                    assignment: Assignment {
                        group_id: group.id,
                        roles: EnumSet::only(GroupRole::Owner),
                    },
                });
            }
            Ok((changes, group))
        })
        .await
    }

    /// Gives a project another name.
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn rename_group(
        &self,
        caller: &Caller,
        group_id: GroupId,
        name: &Name,
    ) -> Result<Arc<Group>, ManageError> {
        self.change(caller, |caller| {
            self.may_in_group(caller, group_id, GroupAction::Manage)?;
            Ok((vec![Change::GroupRenamed { group_id, name: name.to_string() }], ()))
        })
        .await?;
        self.group(caller, group_id)
    }

    /// Deletes a project. Accounts that were assigned to it stay, without rights there.
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn delete_group(
        &self,
        caller: &Caller,
        group_id: GroupId,
    ) -> Result<(), ManageError> {
        self.change(caller, |caller| {
            self.may_in_group(caller, group_id, GroupAction::Manage)?;
            Ok((vec![Change::GroupDeleted { group_id }], ()))
        })
        .await
    }
}
