//! Service accounts: list, see, create, change, delete (service-accounts-api.md 3 and 4).

use enumset::EnumSet;
use rescind_core::{
    account::{Assignment, ServiceAccount},
    authorization::OrgAction,
    clock::UnixTime,
    id::{ClientId, OrgId},
    role::OrgRole,
    text::{Description, Name},
};
use rescind_store::Change;

use super::{
    Denied, MANAGE_ACCOUNTS, ManageError, NewSecret, Range, Roles, SEE, Scope, roles_in,
    secrets::hours_allowed,
};
use crate::{Authority, Caller};

/// A service account as one scope shows it.
#[derive(Clone, Debug)]
pub struct Account {
    /// The account; its own `roles` are those in the organization.
    pub account: ServiceAccount,
    /// The roles that this scope shows.
    pub roles: Roles,
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Its name.
    pub name: Name,
    /// What it is for.
    pub description: Description,
    /// Its roles, of the scope that it is made in; at least one.
    pub roles: Roles,
    /// How long its first secret lives, in hours; `None` for an account without one.
    pub secret_hours: Option<u32>,
}

/// What is to be changed of an account; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    /// Its name.
    pub name: Option<Name>,
    /// What it is for.
    pub description: Option<Description>,
    /// Its roles, of the scope that it is changed from, as a whole; at least one.
    pub roles: Option<Roles>,
}

impl Authority {
    /// The accounts of an organization, or those assigned to a project, oldest first, and how many
    /// there are in all (O1, P1).
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn accounts(
        &self,
        caller: &Caller,
        scope: Scope,
        range: Range,
    ) -> Result<(Vec<Account>, usize), ManageError> {
        let org_id = self.may(caller, scope, SEE)?;
        let (ids, total) = self.0.view.members(org_id, |members| {
            let all = match scope {
                Scope::Org(_) => members.accounts(),
                Scope::Group(group_id) => members.assigned(group_id),
            };
            (range.of(all), all.len())
        });
        let accounts = self.0.store.accounts(&ids).await?;
        let shown = accounts.into_iter().filter_map(|account| self.shown(account, scope));
        Ok((shown.collect(), total))
    }

    /// One account (O3, P3).
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn account(
        &self,
        caller: &Caller,
        scope: Scope,
        client_id: ClientId,
    ) -> Result<Account, ManageError> {
        self.may(caller, scope, SEE)?;
        self.account_in(scope, client_id)?;
        self.stored(scope, client_id).await
    }

    /// Makes an account in the organization, and assigns it if that is asked from a project (O2,
    /// P2). The secret that comes with it is shown this once.
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn create_account(
        &self,
        caller: &Caller,
        scope: Scope,
        new: &NewAccount,
    ) -> Result<(Account, Option<NewSecret>), ManageError> {
        self.change(caller, |caller| {
            let org_id = self.may(caller, scope, MANAGE_ACCOUNTS)?;
            let (roles, assignment) = match (scope, new.roles) {
                (Scope::Org(_), Roles::Org(roles)) => (roles, None),
                (Scope::Group(group_id), Roles::Group(roles))
                    if caller.rights().may_grant_in(group_id, roles) =>
                {
                    (EnumSet::only(OrgRole::Member), Some(Assignment { group_id, roles }))
                }
                // Roles of the other level, too, are not given here, whoever asks.
                _ => return Err(Denied::RoleLacking.into()),
            };
            let (account, secret) = self.new_account(org_id, new, roles)?;
            let client_id = account.client_id;
            let assigned = assignment
                .map(|assignment| Change::ServiceAccountAssigned { client_id, assignment });
            let changes = std::iter::once(Change::ServiceAccountCreated(account.clone()));
            let account = Account { account, roles: new.roles };
            Ok((changes.chain(assigned).collect(), (account, secret)))
        })
        .await
    }

    /// Changes an account (O4, P4).
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn change_account(
        &self,
        caller: &Caller,
        scope: Scope,
        client_id: ClientId,
        change: &AccountChange,
    ) -> Result<Account, ManageError> {
        self.change(caller, |caller| {
            let org_id = self.may(caller, scope, MANAGE_ACCOUNTS)?;
            let (principal, _) = self.account_in(scope, client_id)?;
            let mut changes = Vec::new();
            match (scope, change.roles) {
                (_, None) => {}
                (Scope::Group(group_id), Some(Roles::Group(roles))) => {
                    let own = principal.rights.roles_in(group_id);
                    // To take a role away from somebody mightier is not for the less mighty.
                    if !caller.rights().may_grant_in(group_id, roles | own) {
                        return Err(Denied::RoleLacking.into());
                    }
                    let assignment = Assignment { group_id, roles };
                    changes.push(Change::ServiceAccountReassigned { client_id, assignment });
                }
                (Scope::Org(_), Some(Roles::Org(roles))) => {
                    if !roles.contains(OrgRole::Owner) {
                        self.not_the_last_owner(org_id, client_id)?;
                    }
                    changes.push(Change::ServiceAccountRolesChanged { client_id, roles });
                }
                // Roles of the other level are not given here, whoever asks.
                (_, Some(_)) => return Err(Denied::RoleLacking.into()),
            }
            if change.name.is_some() || change.description.is_some() {
                self.manageable(caller, scope, client_id)?;
                changes.push(Change::ServiceAccountDetailsChanged {
                    client_id,
                    name: change.name.as_ref().map(Name::to_string),
                    description: change.description.as_ref().map(Description::to_string),
                });
            }
            Ok((changes, ()))
        })
        .await?;
        self.stored(scope, client_id).await
    }

    /// Deletes an account with all that it has; its tokens are dead from then on (O5).
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn delete_account(
        &self,
        caller: &Caller,
        org_id: OrgId,
        client_id: ClientId,
    ) -> Result<(), ManageError> {
        self.change(caller, |caller| {
            self.may_in_org(caller, org_id, OrgAction::ManageAccounts)?;
            self.account_in(Scope::Org(org_id), client_id)?;
            self.not_the_last_owner(org_id, client_id)?;
            Ok((vec![Change::ServiceAccountDeleted { client_id }], ()))
        })
        .await
    }

    /// An account as the store has it; what it may do as memory has it.
    pub(super) async fn stored(
        &self,
        scope: Scope,
        client_id: ClientId,
    ) -> Result<Account, ManageError> {
        let account = self.0.store.accounts(&[client_id]).await?.pop();
        account
            .and_then(|account| self.shown(account, scope))
            .ok_or(ManageError::AccountNotFound(client_id))
    }

    /// `None` for an account that has just left the scope.
    fn shown(&self, account: ServiceAccount, scope: Scope) -> Option<Account> {
        let roles = roles_in(&*self.0.view.principal(account.client_id)?, scope)?;
        Some(Account { account, roles })
    }

    /// An account that can be made in the organization, with its first secret if it has one.
    pub(super) fn new_account(
        &self,
        org_id: OrgId,
        new: &NewAccount,
        roles: EnumSet<OrgRole>,
    ) -> Result<(ServiceAccount, Option<NewSecret>), ManageError> {
        let limit = self.0.settings.max_accounts;
        if self.0.view.members(org_id, |members| members.accounts().len()) >= limit {
            return Err(ManageError::TooManyAccounts { org_id, limit });
        }
        let now = self.0.clock.now();
        let secret = match new.secret_hours {
            Some(hours) => {
                hours_allowed(&self.0.view, org_id, hours)?;
                Some(self.new_secret(now, hours))
            }
            None => None,
        };
        let account = ServiceAccount {
            client_id: self.0.ids.next(now, &*self.0.random),
            org_id,
            name: new.name.to_string(),
            description: new.description.to_string(),
            created_at: now,
            roles,
            secrets: secret.iter().map(|new| new.secret.clone()).collect(),
        };
        Ok((account, secret))
    }
}

/// The moment `hours` after `now`.
pub(super) fn after_hours(now: UnixTime, hours: u32) -> UnixTime {
    now.plus_seconds(i64::from(hours) * 3600)
}
