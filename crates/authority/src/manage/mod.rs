//! The management API's use cases: who asks, may it, and what changes then.
//!
//! Whatever is decided is decided of one version of the organization, and is recorded only if that
//! is still its version: two administrators cannot undo each other without seeing it.

mod access_lists;
mod accounts;
mod api_keys;
mod assignments;
mod error;
mod events;
mod groups;
mod organizations;
mod secrets;
mod tokens;

use std::sync::Arc;

use enumset::EnumSet;
use rescind_core::{
    account::Principal,
    authorization::{GroupAction, OrgAction},
    id::{ClientId, GroupId, OrgId, PrincipalId},
    organization::Group,
    role::{GroupRole, OrgRole},
};
use rescind_store::{Change, Transaction, Versioned};

pub use self::{
    accounts::{Account, AccountChange, NewAccount},
    api_keys::{ApiKeyChange, NewApiKey},
    error::{Denied, ManageError},
    organizations::{CreatedOrganization, NewOrganization},
    secrets::NewSecret,
};
use crate::{Authority, Caller, CommitError, member::Member};

/// How often a change is decided anew when another one came first.
const ATTEMPTS: usize = 8;

/// Where a service account is looked at from: the paths below `/orgs` and `/groups` lead to the
/// same accounts, with other roles needed and other roles shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// From its organization.
    Org(OrgId),
    /// From a project that it is assigned to.
    Group(GroupId),
}

/// Roles of the level that goes with a [`Scope`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Roles {
    /// In an organization.
    Org(EnumSet<OrgRole>),
    /// In a project.
    Group(EnumSet<GroupRole>),
}

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// How many items are passed over.
    pub offset: usize,
    /// How many are wanted at the most.
    pub limit: usize,
}

impl Range {
    fn of<T: Copy>(self, items: &[T]) -> Vec<T> {
        items.iter().copied().skip(self.offset).take(self.limit).collect()
    }
}

/// What is asked for, at both levels.
#[derive(Clone, Copy)]
struct Action {
    org: OrgAction,
    group: GroupAction,
}

const SEE: Action = Action { org: OrgAction::See, group: GroupAction::See };
const MANAGE_ACCOUNTS: Action =
    Action { org: OrgAction::ManageAccounts, group: GroupAction::ManageAccounts };
const MANAGE_ACCESS_LISTS: Action =
    Action { org: OrgAction::ManageAccessLists, group: GroupAction::ManageAccessLists };

impl Authority {
    /// Whether `caller` may do this in an organization. Another's does not exist for it.
    fn may_in_org(
        &self,
        caller: &Caller,
        org_id: OrgId,
        action: OrgAction,
    ) -> Result<(), ManageError> {
        if caller.rights().org_id != org_id || self.0.view.organization(org_id).is_none() {
            return Err(ManageError::OrgNotFound(org_id));
        }
        if caller.rights().permit(action) { Ok(()) } else { Err(Denied::NotOrgOwner.into()) }
    }

    /// Whether `caller` may do this in a project, and which one it is.
    fn may_in_group(
        &self,
        caller: &Caller,
        group_id: GroupId,
        action: GroupAction,
    ) -> Result<Arc<Group>, ManageError> {
        let group = self.0.view.group(group_id);
        let group = group
            .filter(|group| group.org_id == caller.rights().org_id)
            .ok_or(ManageError::GroupNotFound(group_id))?;
        if caller.rights().permit_in(group_id, action) {
            Ok(group)
        } else if caller.rights().permit_in(group_id, GroupAction::See) {
            Err(match action {
                GroupAction::See | GroupAction::ManageAccounts => Denied::NotGroupAdmin,
                GroupAction::ManageAccessLists | GroupAction::Manage => Denied::NotGroupOwner,
            }
            .into())
        } else {
            Err(Denied::NotInGroup.into())
        }
    }

    /// Whether `caller` may do this in `scope`, and which organization that is in.
    fn may(&self, caller: &Caller, scope: Scope, action: Action) -> Result<OrgId, ManageError> {
        match scope {
            Scope::Org(org_id) => self.may_in_org(caller, org_id, action.org).map(|()| org_id),
            Scope::Group(group_id) => {
                self.may_in_group(caller, group_id, action.group).map(|group| group.org_id)
            }
        }
    }

    /// An account as seen from `scope`: of the organization, or assigned to the project.
    fn account_in(
        &self,
        scope: Scope,
        client_id: ClientId,
    ) -> Result<(Arc<Principal>, Roles), ManageError> {
        let found = self.0.view.principal(client_id).and_then(|principal| {
            let roles = roles_in(&principal, scope)?;
            Some((principal, roles))
        });
        found.ok_or(ManageError::AccountNotFound(client_id))
    }

    /// An account that `caller` may manage from `scope`: itself, or one that has no rights beyond
    /// its own.
    fn manageable(
        &self,
        caller: &Caller,
        scope: Scope,
        client_id: ClientId,
    ) -> Result<Arc<Principal>, ManageError> {
        let (principal, _) = self.account_in(scope, client_id)?;
        covered(caller, &Member::Account(Arc::clone(&principal)))?;
        Ok(principal)
    }

    /// An account or an API key as seen from `scope`; no project shows an API key.
    fn member_in(&self, scope: Scope, id: PrincipalId) -> Result<Member, ManageError> {
        match (id, scope) {
            (PrincipalId::Account(client_id), _) => {
                self.account_in(scope, client_id).map(|(account, _)| Member::Account(account))
            }
            (PrincipalId::ApiKey(id), Scope::Org(org_id)) => {
                self.api_key_in(org_id, id).map(Member::ApiKey)
            }
            (PrincipalId::ApiKey(id), Scope::Group(_)) => Err(ManageError::ApiKeyNotFound(id)),
        }
    }

    /// Whether the organization has another owner, who can be one.
    fn not_the_last_owner(
        &self,
        org_id: OrgId,
        id: impl Into<PrincipalId>,
    ) -> Result<(), ManageError> {
        let can_act = |id| match id {
            PrincipalId::Account(_) => true,
            PrincipalId::ApiKey(_) => self.0.settings.api_keys,
        };
        if self.0.view.members(org_id, |members| members.is_last_owner(id.into(), can_act)) {
            Err(ManageError::LastOwner)
        } else {
            Ok(())
        }
    }

    /// Decides, and records what was decided in one commit; decides anew if the organization
    /// changed meanwhile. A decision that changes nothing records nothing.
    ///
    /// What the caller may do is part of what is decided of: `decide` gets it as it is in the
    /// version that it decides of, and must ask there whether that suffices.
    async fn change<T>(
        &self,
        caller: &Caller,
        decide: impl Fn(&Caller) -> Result<(Vec<Change>, T), ManageError>,
    ) -> Result<T, ManageError> {
        // There is no other organization that a caller could change.
        self.change_in(caller, caller.rights().org_id, decide).await
    }

    /// The same for changes that belong to the log of `org_id`: the caller's own organization, or
    /// one that they create.
    async fn change_in<T>(
        &self,
        caller: &Caller,
        org_id: OrgId,
        decide: impl Fn(&Caller) -> Result<(Vec<Change>, T), ManageError>,
    ) -> Result<T, ManageError> {
        let home = caller.rights().org_id;
        for _ in 0..ATTEMPTS {
            let organization = self.0.view.organization(home);
            let version = organization.ok_or(ManageError::OrgNotFound(home))?.version;
            let (changes, outcome) = decide(&caller.as_of_now(&self.0.view))?;
            if changes.is_empty() {
                return Ok(outcome);
            }
            let transaction = Transaction {
                actor: caller.actor(),
                org_id: Some(org_id),
                decided_of: Some(Versioned { version, value: home }),
                changes,
            };
            match self.0.writer.commit(transaction).await {
                Ok(_) => return Ok(outcome),
                Err(CommitError::Stale(_)) => {}
                Err(
                    error
                    @ (CommitError::Store(_) | CommitError::Overloaded | CommitError::Stopped),
                ) => return Err(error.into()),
            }
        }
        Err(ManageError::Conflict)
    }
}

/// Whether `caller` may manage a member: itself, or one that has no rights beyond its own.
fn covered(caller: &Caller, member: &Member) -> Result<(), ManageError> {
    if member.id() == caller.id() || caller.rights().cover(member.rights()) {
        Ok(())
    } else {
        Err(Denied::NotOrgOwner.into())
    }
}

/// The roles of an account as `scope` shows them; `None` if it does not show the account.
fn roles_in(principal: &Principal, scope: Scope) -> Option<Roles> {
    let rights = &principal.rights;
    match scope {
        Scope::Org(org_id) => (rights.org_id == org_id).then_some(Roles::Org(rights.roles)),
        Scope::Group(group_id) => {
            let assigned = rights.assignments.iter().find(|a| a.group_id == group_id)?;
            Some(Roles::Group(assigned.roles))
        }
    }
}
