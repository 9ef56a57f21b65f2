//! API keys of an organization: list, see, create, change, delete.

use std::sync::Arc;

use enumset::EnumSet;
use rescind_core::{
    api_key::{ApiKey, ApiKeyPrincipal, MAX_API_KEYS, PrivateKey, PublicKey},
    authorization::OrgAction,
    digest::Ha1s,
    id::{ApiKeyId, OrgId},
    role::OrgRole,
    text::KeyDescription,
};
use rescind_store::Change;

use super::{ManageError, Range};
use crate::{Authority, Caller};

/// An API key to be made.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// What it is for.
    pub description: KeyDescription,
    /// Its roles in the organization; at least one.
    pub roles: EnumSet<OrgRole>,
}

/// What is to be changed of an API key; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct ApiKeyChange {
    /// What it is for.
    pub description: Option<KeyDescription>,
    /// Its roles, as a whole; at least one.
    pub roles: Option<EnumSet<OrgRole>>,
}

impl Authority {
    /// The API keys of an organization, oldest first, and how many there are in all.
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn api_keys(
        &self,
        caller: &Caller,
        org_id: OrgId,
        range: Range,
    ) -> Result<(Vec<ApiKey>, usize), ManageError> {
        self.may_in_org(caller, org_id, OrgAction::See)?;
        let (ids, total) = self
            .0
            .view
            .members(org_id, |members| (range.of(members.api_keys()), members.api_keys().len()));
        Ok((self.0.store.api_keys(&ids).await?, total))
    }

    /// One API key.
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn api_key(
        &self,
        caller: &Caller,
        org_id: OrgId,
        id: ApiKeyId,
    ) -> Result<ApiKey, ManageError> {
        self.may_in_org(caller, org_id, OrgAction::See)?;
        self.api_key_in(org_id, id)?;
        self.0.store.api_keys(&[id]).await?.pop().ok_or(ManageError::ApiKeyNotFound(id))
    }

    /// Makes an API key. Its private key is shown this once.
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn create_api_key(
        &self,
        caller: &Caller,
        org_id: OrgId,
        new: &NewApiKey,
    ) -> Result<(ApiKey, PrivateKey), ManageError> {
        self.change(caller, |caller| {
            self.may_in_org(caller, org_id, OrgAction::Manage)?;
            let (key, plain) = self.new_api_key(org_id, new)?;
            Ok((vec![Change::ApiKeyCreated(key.clone())], (key, plain)))
        })
        .await
    }

    /// Changes an API key.
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn change_api_key(
        &self,
        caller: &Caller,
        org_id: OrgId,
        id: ApiKeyId,
        change: &ApiKeyChange,
    ) -> Result<ApiKey, ManageError> {
        self.change(caller, |caller| {
            self.may_in_org(caller, org_id, OrgAction::Manage)?;
            self.api_key_in(org_id, id)?;
            let described =
                change.description.as_ref().map(|description| Change::ApiKeyDescriptionChanged {
                    api_key_id: id,
                    description: description.to_string(),
                });
            if change.roles.is_some_and(|roles| !roles.contains(OrgRole::Owner)) {
                self.not_the_last_owner(org_id, id)?;
            }
            let roles =
                change.roles.map(|roles| Change::ApiKeyRolesChanged { api_key_id: id, roles });
            Ok((described.into_iter().chain(roles).collect(), ()))
        })
        .await?;
        self.0.store.api_keys(&[id]).await?.pop().ok_or(ManageError::ApiKeyNotFound(id))
    }

    /// Deletes an API key with its access list; it proves nobody from then on.
    ///
    /// # Errors
    ///
    /// [`ManageError`].
    pub async fn delete_api_key(
        &self,
        caller: &Caller,
        org_id: OrgId,
        id: ApiKeyId,
    ) -> Result<(), ManageError> {
        self.change(caller, |caller| {
            self.may_in_org(caller, org_id, OrgAction::Manage)?;
            self.api_key_in(org_id, id)?;
            self.not_the_last_owner(org_id, id)?;
            Ok((vec![Change::ApiKeyDeleted { api_key_id: id }], ()))
        })
        .await
    }

    pub(super) fn api_key_in(
        &self,
        org_id: OrgId,
        id: ApiKeyId,
    ) -> Result<Arc<ApiKeyPrincipal>, ManageError> {
        let key = self.0.view.api_key(id).filter(|key| key.rights.org_id == org_id);
        key.ok_or(ManageError::ApiKeyNotFound(id))
    }

    /// A key that can be made in the organization, with what proves it.
    pub(super) fn new_api_key(
        &self,
        org_id: OrgId,
        new: &NewApiKey,
    ) -> Result<(ApiKey, PrivateKey), ManageError> {
        if !self.0.settings.api_keys {
            return Err(ManageError::ApiKeysOff);
        }
        if self.0.view.members(org_id, |members| members.api_keys().len()) >= MAX_API_KEYS {
            return Err(ManageError::TooManyApiKeys { org_id, limit: MAX_API_KEYS });
        }
        let (now, random) = (self.0.clock.now(), &*self.0.random);
        let id = self.0.ids.next(now, random);
        let public_key = self.free_public_key();
        let plain = PrivateKey::generate(random);
        let ha1s = Ha1s::new(public_key, &plain);
        let key = ApiKey {
            id,
            org_id,
            public_key,
            description: new.description.to_string(),
            created_at: now,
            roles: new.roles,
            last_twelve: plain.last_twelve().to_owned(),
            credentials: ha1s.wrap(&self.0.data_keys, id, random),
        };
        Ok((key, plain))
    }

    /// A name that no other key of any organization has. That two made in one moment get the same
    /// has a chance of one in 26^8, and fails the commit that they share.
    fn free_public_key(&self) -> PublicKey {
        loop {
            let public_key = PublicKey::generate(&*self.0.random);
            if self.0.view.key_named(public_key).is_none() {
                return public_key;
            }
        }
    }
}
