//! What can be made durable, and what the log says of it afterwards.

use std::net::IpAddr;

use rescind_core::{
    account::ServiceAccount,
    clock::UnixTime,
    id::{ClientId, GroupId, OrgId, SecretId},
    organization::{Group, Organization},
    signing::{KeyId, WrappedKey},
    status_list::{ListId, StatusRef, Term},
    token::TokenId,
};
use serde::{Deserialize, Serialize};

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
}

/// Changes that become durable together or not at all.
#[derive(Clone, Debug)]
pub struct Transaction {
    /// Who asked for them.
    pub actor: Actor,
    /// What changes, in this order. Not empty.
    pub changes: Vec<Change>,
}

/// One change, with all that the store must keep of it.
#[derive(Clone, Debug)]
pub enum Change {
    /// The store was empty, and is now that of the installation whose key has this fingerprint.
    InstallationCreated {
        /// `InstallationKey::fingerprint`.
        fingerprint: [u8; 8],
    },
    /// A new organization.
    OrganizationCreated(Organization),
    /// A new project.
    GroupCreated(Group),
    /// A new service account, with its secrets.
    ServiceAccountCreated(ServiceAccount),
    /// A new signing key.
    SigningKeyAdded(WrappedKey),
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
#[expect(missing_docs, reason = "each is the change of the same name")]
pub enum Event {
    InstallationCreated,
    OrganizationCreated { org_id: OrgId },
    GroupCreated { org_id: OrgId, group_id: GroupId },
    ServiceAccountCreated { org_id: OrgId, client_id: ClientId },
    SigningKeyAdded { kid: KeyId },
    StatusListOpened { closes_at: i64, dies_at: i64 },
    BlocksTaken { list: ListId, first: u32, count: u32, client_id: ClientId, secret_id: SecretId },
    TokenRevoked { list: ListId, index: u32, client_id: ClientId, token_id: TokenId },
    SecretTokensRevoked { client_id: ClientId, secret_id: SecretId },
    AccountTokensRevoked { client_id: ClientId },
}

impl Change {
    /// What the log keeps of it.
    #[must_use]
    pub fn event(&self) -> Event {
        match *self {
            Self::InstallationCreated { .. } => Event::InstallationCreated,
            Self::OrganizationCreated(ref organization) => {
                Event::OrganizationCreated { org_id: organization.id }
            }
            Self::GroupCreated(ref group) => {
                Event::GroupCreated { org_id: group.org_id, group_id: group.id }
            }
            Self::ServiceAccountCreated(ref account) => Event::ServiceAccountCreated {
                org_id: account.org_id,
                client_id: account.client_id,
            },
            Self::SigningKeyAdded(ref key) => Event::SigningKeyAdded { kid: key.kid },
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

/// An entry of the log, as it is read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub seq: Seq,
    /// When it was committed.
    pub at: UnixTime,
    /// Who asked for it.
    pub actor: Actor,
    /// What happened.
    pub event: Event,
}
