//! Which projects an account is assigned to (service-accounts-api.md 6).

use enumset::EnumSet;
use rescind_core::{
    account::Assignment,
    authorization::{GroupAction, OrgAction},
    id::{ClientId, GroupId, OrgId},
    role::GroupRole,
};
use rescind_store::Change;

use super::{Account, Denied, ManageError, Scope, roles_in};
use crate::{Authority, Caller};

impl Authority {
    /// The projects that an account is assigned to, with its roles there (O8).
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub fn assignments(
        &self,
        caller: &Caller,
        org_id: OrgId,
        client_id: ClientId,
    ) -> Result<Vec<Assignment>, ManageError> {
        self.may_in_org(caller, org_id, OrgAction::See)?;
        let (principal, _) = self.account_in(Scope::Org(org_id), client_id)?;
        Ok(principal.rights.assignments.to_vec())
    }

    /// Assigns an account of the organization to a project with these roles (P5). One that is
    /// assigned already has these roles instead of the others.
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn assign(
        &self,
        caller: &Caller,
        group_id: GroupId,
        client_id: ClientId,
        roles: EnumSet<GroupRole>,
    ) -> Result<Account, ManageError> {
        self.change(caller, |caller| {
            let group = self.may_in_group(caller, group_id, GroupAction::See)?;
            self.may_in_org(caller, group.org_id, OrgAction::AssignAccounts)?;
            let (principal, _) = self.account_in(Scope::Org(group.org_id), client_id)?;
            let assignment = Assignment { group_id, roles };
            let change = match roles_in(&principal, Scope::Group(group_id)) {
                Some(_) => Change::ServiceAccountReassigned { client_id, assignment },
                None => Change::ServiceAccountAssigned { client_id, assignment },
            };
            Ok((vec![change], ()))
        })
        .await?;
        self.stored(Scope::Group(group_id), client_id).await
    }

    /// Takes an account off a project (P6). Its secrets and tokens live on; its rights there end.
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn unassign(
        &self,
        caller: &Caller,
        group_id: GroupId,
        client_id: ClientId,
    ) -> Result<(), ManageError> {
        self.change(caller, |caller| {
            self.may_in_group(caller, group_id, GroupAction::ManageAccounts)?;
            let (principal, _) = self.account_in(Scope::Group(group_id), client_id)?;
            // To take a role away from somebody mightier is not for the less mighty.
            let own = principal.rights.assignments.iter().find(|own| own.group_id == group_id);
            if !own.is_none_or(|own| caller.rights().may_grant_in(group_id, own.roles)) {
                return Err(Denied::RoleLacking.into());
            }
            Ok((vec![Change::ServiceAccountUnassigned { client_id, group_id }], ()))
        })
        .await
    }
}
