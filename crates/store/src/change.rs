//! What can be made durable, and what the log says of it afterwards.

use std::net::IpAddr;

use enumset::{EnumSet, EnumSetType};
use ipnet::IpNet;
use rescind_core::{
    account::{Assignment, Secret, ServiceAccount},
    api_key::{ApiKey, PublicKey},
    clock::UnixTime,
    data_keys::WrappedDataKeys,
    digest::WrappedHa1s,
    id::{ApiKeyId, ClientId, GroupId, OrgId, PrincipalId, SecretId},
    organization::{Group, OrgSettings, Organization},
    role::OrgRole,
    signing::{KeyId, WrappedKey},
    status_list::{ListId, StatusRef, Term},
    token::TokenId,
};
use serde::{Deserialize, Serialize};

use crate::Versioned;

/// The number of an entry of the change log. The first is 1; there are no gaps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(pub u64);

impl Seq {
    /// The number after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// Who asked for a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The server, of its own accord.
    Server,
    /// Whoever holds the data directory, by a command.
    Operator,
    /// A service account, from an address.
    Account {
        /// The account.
        client_id: ClientId,
        /// Where its request came from.
        address: IpAddr,
    },
    /// An API key, from an address.
    ApiKey {
        /// The key.
        id: ApiKeyId,
        /// The name that it logged in with.
        public_key: PublicKey,
        /// Where its request came from.
        address: IpAddr,
    },
}

/// Changes that become durable together or not at all.
#[derive(Clone, Debug)]
pub struct Transaction {
    /// Who asked for them.
    pub actor: Actor,
    /// The organization whose log they belong to.
    pub org_id: Option<OrgId>,
    /// What was decided was decided of this organization, at a version that it must still have.
    /// `None` for what does not depend on any. Nearly always the organization that changes; a new
    /// one is decided of that of its founder.
    pub decided_of: Option<Versioned<OrgId>>,
    /// What changes, in this order. May be empty: it is then given the number that the next change
    /// will have, and its commit, synced like any other, tells whether the store can be written.
    pub changes: Vec<Change>,
}

/// The organization has changed since the transaction was decided. Nothing of it was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the organization has changed meanwhile")]
pub struct Stale;

/// One change, with all that the store must keep of it.
#[derive(Clone, Debug)]
pub enum Change {
    /// The store was empty, and is now that of the installation whose key has wrapped these.
    InstallationCreated(WrappedDataKeys),
    /// A new organization.
    OrganizationCreated(Organization),
    /// An organization has another name.
    OrganizationRenamed {
        /// The organization.
        org_id: OrgId,
        /// Its name from now on.
        name: String,
    },
    /// An organization has other settings.
    OrganizationSettingsChanged {
        /// The organization.
        org_id: OrgId,
        /// Its settings from now on.
        settings: OrgSettings,
    },
    /// An organization is gone, and all that it owned; the tokens of its accounts are dead.
    OrganizationDeleted {
        /// The organization.
        org_id: OrgId,
    },
    /// A new project.
    GroupCreated(Group),
    /// A project has another name.
    GroupRenamed {
        /// The project.
        group_id: GroupId,
        /// Its name from now on.
        name: String,
    },
    /// A project is gone, and all assignments to it.
    GroupDeleted {
        /// The project.
        group_id: GroupId,
    },
    /// A new service account, with its secrets.
    ServiceAccountCreated(ServiceAccount),
    /// A service account has another name or description.
    ServiceAccountDetailsChanged {
        /// The account.
        client_id: ClientId,
        /// Its name from now on, if it has another one.
        name: Option<String>,
        /// Its description from now on, if it has another one.
        description: Option<String>,
    },
    /// A service account has other roles in its organization.
    ServiceAccountRolesChanged {
        /// The account.
        client_id: ClientId,
        /// Its roles from now on.
        roles: EnumSet<OrgRole>,
    },
    /// A service account is gone, with all that it had; its tokens are dead.
    ServiceAccountDeleted {
        /// The account.
        client_id: ClientId,
    },
    /// A service account has these roles in a project from now on, in which it had none.
    ServiceAccountAssigned {
        /// The account.
        client_id: ClientId,
        /// The project and the roles.
        assignment: Assignment,
    },
    /// A service account has other roles in a project that it is assigned to.
    ServiceAccountReassigned {
        /// The account.
        client_id: ClientId,
        /// The project and the roles from now on.
        assignment: Assignment,
    },
    /// A service account has no roles in a project any more. Its tokens live on.
    ServiceAccountUnassigned {
        /// The account.
        client_id: ClientId,
        /// The project.
        group_id: GroupId,
    },
    /// A service account has one more secret.
    SecretAdded {
        /// The account.
        client_id: ClientId,
        /// The new secret.
        secret: Secret,
        /// When its other secrets expire at the latest.
        others_expire_by: UnixTime,
    },
    /// A secret is gone; the tokens minted with it are dead.
    SecretDeleted {
        /// The account.
        client_id: ClientId,
        /// The secret.
        secret_id: SecretId,
    },
    /// A new API key.
    ApiKeyCreated(ApiKey),
    /// An API key is for something else.
    ApiKeyDescriptionChanged {
        /// The key.
        api_key_id: ApiKeyId,
        /// What it is for from now on.
        description: String,
    },
    /// An API key has other roles in its organization.
    ApiKeyRolesChanged {
        /// The key.
        api_key_id: ApiKeyId,
        /// Its roles from now on.
        roles: EnumSet<OrgRole>,
    },
    /// An API key is gone.
    ApiKeyDeleted {
        /// The key.
        api_key_id: ApiKeyId,
    },
    /// A service account or an API key can be used from these addresses too. One that is there
    /// already stays as it is.
    AccessListEntryAdded {
        /// Whose list it is.
        owner: PrincipalId,
        /// The addresses.
        network: IpNet,
    },
    /// These addresses are not on an access list any more.
    AccessListEntryDeleted {
        /// Whose list it is.
        owner: PrincipalId,
        /// The addresses.
        network: IpNet,
    },
    /// The data keys are wrapped under another installation key.
    InstallationKeyRotated(WrappedDataKeys),
    /// A store that is older than the data keys has got them.
    DataKeysAdopted {
        /// The keys.
        data_keys: WrappedDataKeys,
        /// The signing keys that were there, wrapped under them.
        signing_keys: Vec<WrappedKey>,
        /// The API keys that were there, what is kept of each wrapped under them.
        api_keys: Vec<(ApiKeyId, WrappedHa1s)>,
    },
    /// A new signing key, the last of those that are there.
    SigningKeyAdded(WrappedKey),
    /// A signing key is gone, and what it has signed is no token of ours any more. One that is gone
    /// already stays so.
    SigningKeyRemoved {
        /// Its name.
        kid: KeyId,
    },
    /// A new status list, named by the number of this change.
    StatusListOpened(Term),
    /// Blocks of a list now belong to a secret, and can be used for its tokens.
    BlocksTaken {
        /// The list.
        list: ListId,
        /// The first of the blocks.
        first: u32,
        /// How many neighbouring blocks.
        count: u32,
        /// The account.
        client_id: ClientId,
        /// Its secret.
        secret_id: SecretId,
    },
    /// One token is dead.
    TokenRevoked {
        /// Its bit.
        status: StatusRef,
        /// The account that it was issued to.
        client_id: ClientId,
        /// Its name.
        token_id: TokenId,
    },
    /// Every token minted with a secret so far is dead: all bits of its blocks are set.
    SecretTokensRevoked {
        /// The account.
        client_id: ClientId,
        /// Its secret.
        secret_id: SecretId,
    },
    /// Every token of an account so far is dead: all bits of its blocks are set.
    AccountTokensRevoked {
        /// The account.
        client_id: ClientId,
    },
}

/// What the log keeps of a change: enough to follow it, and no secret or token.
///
/// The names of those of service accounts are the contract's (service-accounts-api.md 10).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
#[expect(missing_docs, reason = "each is the change of the same name")]
pub enum Event {
    InstallationCreated,
    OrganizationCreated {
        org_id: OrgId,
    },
    OrganizationRenamed {
        org_id: OrgId,
        name: String,
    },
    OrganizationSettingsChanged {
        org_id: OrgId,
    },
    OrganizationDeleted {
        org_id: OrgId,
    },
    GroupCreated {
        group_id: GroupId,
    },
    GroupRenamed {
        group_id: GroupId,
        name: String,
    },
    GroupDeleted {
        group_id: GroupId,
    },
    ServiceAccountCreated {
        client_id: ClientId,
    },
    ServiceAccountDetailsChanged {
        client_id: ClientId,
    },
    ServiceAccountRolesChanged {
        client_id: ClientId,
        /// The project that they are roles in; `None`: in the organization.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        group_id: Option<GroupId>,
        roles: Vec<String>,
    },
    ServiceAccountDeleted {
        client_id: ClientId,
    },
    ServiceAccountAddedToGroup {
        client_id: ClientId,
        group_id: GroupId,
        roles: Vec<String>,
    },
    ServiceAccountRemovedFromGroup {
        client_id: ClientId,
        group_id: GroupId,
    },
    ServiceAccountSecretAdded {
        client_id: ClientId,
        secret_id: SecretId,
    },
    ServiceAccountSecretDeleted {
        client_id: ClientId,
        secret_id: SecretId,
    },
    ServiceAccountAccessListEntryAdded {
        client_id: ClientId,
        network: IpNet,
    },
    ServiceAccountAccessListEntryDeleted {
        client_id: ClientId,
        network: IpNet,
    },
    ApiKeyCreated {
        api_key_id: ApiKeyId,
    },
    ApiKeyDescriptionChanged {
        api_key_id: ApiKeyId,
    },
    ApiKeyRolesChanged {
        api_key_id: ApiKeyId,
        roles: Vec<String>,
    },
    ApiKeyDeleted {
        api_key_id: ApiKeyId,
    },
    ApiKeyAccessListEntryAdded {
        api_key_id: ApiKeyId,
        network: IpNet,
    },
    ApiKeyAccessListEntryDeleted {
        api_key_id: ApiKeyId,
        network: IpNet,
    },
    InstallationKeyRotated,
    DataKeysAdopted,
    SigningKeyAdded {
        kid: KeyId,
    },
    SigningKeyRemoved {
        kid: KeyId,
    },
    StatusListOpened {
        closes_at: i64,
        dies_at: i64,
    },
    BlocksTaken {
        list: ListId,
        first: u32,
        count: u32,
        client_id: ClientId,
        secret_id: SecretId,
    },
    TokenRevoked {
        list: ListId,
        index: u32,
        client_id: ClientId,
        token_id: TokenId,
    },
    SecretTokensRevoked {
        client_id: ClientId,
        secret_id: SecretId,
    },
    AccountTokensRevoked {
        client_id: ClientId,
    },
}

impl Event {
    /// The project that it is about, if it is about one.
    #[must_use]
    pub const fn group_id(&self) -> Option<GroupId> {
        match *self {
            Self::GroupCreated { group_id }
            | Self::GroupRenamed { group_id, .. }
            | Self::GroupDeleted { group_id }
            | Self::ServiceAccountAddedToGroup { group_id, .. }
            | Self::ServiceAccountRemovedFromGroup { group_id, .. } => Some(group_id),
            Self::ServiceAccountRolesChanged { group_id, .. } => group_id,
            Self::InstallationCreated
            | Self::OrganizationCreated { .. }
            | Self::OrganizationRenamed { .. }
            | Self::OrganizationSettingsChanged { .. }
            | Self::OrganizationDeleted { .. }
            | Self::ServiceAccountCreated { .. }
            | Self::ServiceAccountDetailsChanged { .. }
            | Self::ServiceAccountDeleted { .. }
            | Self::ServiceAccountSecretAdded { .. }
            | Self::ServiceAccountSecretDeleted { .. }
            | Self::ServiceAccountAccessListEntryAdded { .. }
            | Self::ServiceAccountAccessListEntryDeleted { .. }
            | Self::ApiKeyCreated { .. }
            | Self::ApiKeyDescriptionChanged { .. }
            | Self::ApiKeyRolesChanged { .. }
            | Self::ApiKeyDeleted { .. }
            | Self::ApiKeyAccessListEntryAdded { .. }
            | Self::ApiKeyAccessListEntryDeleted { .. }
            | Self::InstallationKeyRotated
            | Self::DataKeysAdopted
            | Self::SigningKeyAdded { .. }
            | Self::SigningKeyRemoved { .. }
            | Self::StatusListOpened { .. }
            | Self::BlocksTaken { .. }
            | Self::TokenRevoked { .. }
            | Self::SecretTokensRevoked { .. }
            | Self::AccountTokensRevoked { .. } => None,
        }
    }
}

impl Change {
    /// What the log keeps of it.
    #[must_use]
    pub fn event(&self) -> Event {
        match *self {
            Self::InstallationCreated(_) => Event::InstallationCreated,
            Self::OrganizationCreated(ref organization) => {
                Event::OrganizationCreated { org_id: organization.id }
            }
            Self::OrganizationRenamed { org_id, ref name } => {
                Event::OrganizationRenamed { org_id, name: name.clone() }
            }
            Self::OrganizationSettingsChanged { org_id, .. } => {
                Event::OrganizationSettingsChanged { org_id }
            }
            Self::OrganizationDeleted { org_id } => Event::OrganizationDeleted { org_id },
            Self::GroupCreated(ref group) => Event::GroupCreated { group_id: group.id },
            Self::GroupRenamed { group_id, ref name } => {
                Event::GroupRenamed { group_id, name: name.clone() }
            }
            Self::GroupDeleted { group_id } => Event::GroupDeleted { group_id },
            Self::ServiceAccountCreated(ref account) => {
                Event::ServiceAccountCreated { client_id: account.client_id }
            }
            Self::ServiceAccountDetailsChanged { client_id, .. } => {
                Event::ServiceAccountDetailsChanged { client_id }
            }
            Self::ServiceAccountRolesChanged { client_id, roles } => {
                Event::ServiceAccountRolesChanged { client_id, group_id: None, roles: names(roles) }
            }
            Self::ServiceAccountDeleted { client_id } => Event::ServiceAccountDeleted { client_id },
            Self::ServiceAccountAssigned { client_id, assignment } => {
                Event::ServiceAccountAddedToGroup {
                    client_id,
                    group_id: assignment.group_id,
                    roles: names(assignment.roles),
                }
            }
            Self::ServiceAccountReassigned { client_id, assignment } => {
                Event::ServiceAccountRolesChanged {
                    client_id,
                    group_id: Some(assignment.group_id),
                    roles: names(assignment.roles),
                }
            }
            Self::ServiceAccountUnassigned { client_id, group_id } => {
                Event::ServiceAccountRemovedFromGroup { client_id, group_id }
            }
            Self::SecretAdded { client_id, ref secret, .. } => {
                Event::ServiceAccountSecretAdded { client_id, secret_id: secret.id }
            }
            Self::SecretDeleted { client_id, secret_id } => {
                Event::ServiceAccountSecretDeleted { client_id, secret_id }
            }
            Self::ApiKeyCreated(ref key) => Event::ApiKeyCreated { api_key_id: key.id },
            Self::ApiKeyDescriptionChanged { api_key_id, .. } => {
                Event::ApiKeyDescriptionChanged { api_key_id }
            }
            Self::ApiKeyRolesChanged { api_key_id, roles } => {
                Event::ApiKeyRolesChanged { api_key_id, roles: names(roles) }
            }
            Self::ApiKeyDeleted { api_key_id } => Event::ApiKeyDeleted { api_key_id },
            Self::AccessListEntryAdded { owner, network } => match owner {
                PrincipalId::Account(client_id) => {
                    Event::ServiceAccountAccessListEntryAdded { client_id, network }
                }
                PrincipalId::ApiKey(api_key_id) => {
                    Event::ApiKeyAccessListEntryAdded { api_key_id, network }
                }
            },
            Self::AccessListEntryDeleted { owner, network } => match owner {
                PrincipalId::Account(client_id) => {
                    Event::ServiceAccountAccessListEntryDeleted { client_id, network }
                }
                PrincipalId::ApiKey(api_key_id) => {
                    Event::ApiKeyAccessListEntryDeleted { api_key_id, network }
                }
            },
            Self::InstallationKeyRotated(_) => Event::InstallationKeyRotated,
            Self::DataKeysAdopted { .. } => Event::DataKeysAdopted,
            Self::SigningKeyAdded(ref key) => Event::SigningKeyAdded { kid: key.info.kid },
            Self::SigningKeyRemoved { kid } => Event::SigningKeyRemoved { kid },
            Self::StatusListOpened(term) => Event::StatusListOpened {
                closes_at: term.closes_at.as_second(),
                dies_at: term.dies_at.as_second(),
            },
            Self::BlocksTaken { list, first, count, client_id, secret_id } => {
                Event::BlocksTaken { list, first, count, client_id, secret_id }
            }
            Self::TokenRevoked { status, client_id, token_id } => {
                Event::TokenRevoked { list: status.list, index: status.index, client_id, token_id }
            }
            Self::SecretTokensRevoked { client_id, secret_id } => {
                Event::SecretTokensRevoked { client_id, secret_id }
            }
            Self::AccountTokensRevoked { client_id } => Event::AccountTokensRevoked { client_id },
        }
    }
}

fn names<R: EnumSetType + ToString>(roles: EnumSet<R>) -> Vec<String> {
    roles.iter().map(|role| role.to_string()).collect()
}

/// An entry of the log, as it is read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub seq: Seq,
    /// When it was committed.
    pub at: UnixTime,
    /// Who asked for it.
    pub actor: Actor,
    /// The organization whose log it belongs to.
    pub org_id: Option<OrgId>,
    /// What happened.
    pub event: Event,
}
