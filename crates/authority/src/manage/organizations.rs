//! Organizations: see, rename, set, delete (service-accounts-api.md 10).

use rescind_core::{
    authorization::OrgAction,
    id::OrgId,
    organization::{OrgSettings, Organization},
    text::Name,
};
use rescind_store::Change;

use super::ManageError;
use crate::{Authority, Caller};

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
