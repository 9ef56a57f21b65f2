//! Organizations: see, create, rename, set, delete (service-accounts-api.md 10).

use rescind_core::{
    api_key::{ApiKey, PrivateKey},
    authorization::OrgAction,
    id::OrgId,
    organization::{OrgSettings, Organization},
    role::OrgRole,
    text::Name,
};
use rescind_store::Change;

use super::{Account, Denied, ManageError, NewAccount, NewApiKey, NewSecret, Roles};
use crate::{Authority, Caller};

/// An organization to be made, with who can enter it: at least one of the two owns it, and
/// has what it takes to come in.
#[derive(Clone, Debug)]
pub struct NewOrganization {
    /// Its name.
    pub name: Name,
    /// A service account, with roles of an organization.
    pub account: Option<NewAccount>,
    /// An API key.
    pub api_key: Option<NewApiKey>,
}

/// An organization that was just made, with what is shown this once.
#[derive(Clone, Debug)]
pub struct CreatedOrganization {
    /// The organization.
    pub organization: Organization,
    /// Its service account, with its first secret.
    pub account: Option<(Account, Option<NewSecret>)>,
    /// Its API key, with the private key.
    pub api_key: Option<(ApiKey, PrivateKey)>,
}

impl Authority {
    /// The organizations that `caller` belongs to.
    #[must_use]
    pub fn organizations(&self, caller: &Caller) -> Vec<Organization> {
        self.organization(caller, caller.rights().org_id).into_iter().collect()
    }

    /// An organization.
    ///
    /// # Errors
    ///
    /// [`ManageError::OrgNotFound`] also for one that `caller` does not belong to.
    pub fn organization(
        &self,
        caller: &Caller,
        org_id: OrgId,
    ) -> Result<Organization, ManageError> {
        self.may_in_org(caller, org_id, OrgAction::See)?;
        let organization = self.0.view.organization(org_id);
        Ok(organization.ok_or(ManageError::OrgNotFound(org_id))?.value.clone())
    }

    /// Makes an organization with an account, an API key, or both, in one commit. An owner of any
    /// organization may, and has no rights in the new one: those who were made with it have.
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn create_organization(
        &self,
        caller: &Caller,
        new: &NewOrganization,
    ) -> Result<CreatedOrganization, ManageError> {
        let now = self.0.clock.now();
        let organization = Organization {
            id: self.0.ids.next(now, &*self.0.random),
            name: new.name.to_string(),
            created_at: now,
            settings: OrgSettings::default(),
        };
        let org_id = organization.id;
        self.change_in(caller, org_id, |caller| {
            self.may_in_org(caller, caller.rights().org_id, OrgAction::Manage)?;
            let account = match &new.account {
                Some(account) => {
                    let Roles::Org(roles) = account.roles else {
                        return Err(Denied::RoleLacking.into());
                    };
                    let (made, secret) = self.new_account(org_id, account, roles)?;
                    Some((Account { account: made, roles: account.roles }, secret))
                }
                None => None,
            };
            let api_key = match &new.api_key {
                Some(key) => Some(self.new_api_key(org_id, key)?),
                None => None,
            };
            let account_made = account.as_ref().map(|(made, _)| &made.account);
            let key_made = api_key.as_ref().map(|(made, _)| made);
            // Without a secret it cannot come in, and nobody there could give it one.
            let can_enter = account.as_ref().filter(|(_, secret)| secret.is_some());
            let roles = can_enter.map(|(made, _)| made.account.roles).unwrap_or_default()
                | key_made.map(|made| made.roles).unwrap_or_default();
            if !roles.contains(OrgRole::Owner) {
                return Err(ManageError::NoOwner);
            }
            let created = Change::OrganizationCreated(organization.clone());
            let account_made = account_made.cloned().map(Change::ServiceAccountCreated);
            let key_made = key_made.cloned().map(Change::ApiKeyCreated);
            let changes = [Some(created), account_made, key_made].into_iter().flatten().collect();
            let organization = organization.clone();
            Ok((changes, CreatedOrganization { organization, account, api_key }))
        })
        .await
    }

    /// Gives an organization another name.
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn rename_organization(
        &self,
        caller: &Caller,
        org_id: OrgId,
        name: &Name,
    ) -> Result<Organization, ManageError> {
        self.change(caller, |caller| {
            self.may_in_org(caller, org_id, OrgAction::Manage)?;
            Ok((vec![Change::OrganizationRenamed { org_id, name: name.to_string() }], ()))
        })
        .await?;
        self.organization(caller, org_id)
    }

    /// Gives an organization other settings: what `set` makes of those that it has.
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn change_org_settings(
        &self,
        caller: &Caller,
        org_id: OrgId,
        set: impl Fn(OrgSettings) -> OrgSettings,
    ) -> Result<OrgSettings, ManageError> {
        self.change(caller, |caller| {
            self.may_in_org(caller, org_id, OrgAction::Manage)?;
            let settings = set(self.organization(caller, org_id)?.settings);
            Ok((vec![Change::OrganizationSettingsChanged { org_id, settings }], settings))
        })
        .await
    }

    /// Deletes an organization and all that it owns; the tokens of its accounts are dead from then
    /// on, the caller's own among them.
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn delete_organization(
        &self,
        caller: &Caller,
        org_id: OrgId,
    ) -> Result<(), ManageError> {
        self.change(caller, |caller| {
            self.may_in_org(caller, org_id, OrgAction::Manage)?;
            Ok((vec![Change::OrganizationDeleted { org_id }], ()))
        })
        .await
    }
}
