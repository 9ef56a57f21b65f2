//! What a process reads when it starts, to follow the log from there, and what it notes.

use std::net::IpAddr;

use ipnet::IpNet;
use rescind_core::{
    account::Principal,
    api_key::ApiKeyPrincipal,
    clock::UnixTime,
    data_keys::WrappedDataKeys,
    id::PrincipalId,
    organization::{Group, Organization},
    signing::WrappedKey,
    status_list::{ListId, Term},
};

use crate::Seq;

/// All that is held in memory, as of one entry of the log.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// The last entry that is included; zero in an empty store.
    pub seq: Seq,
    /// All organizations.
    pub organizations: Vec<Versioned<Organization>>,
    /// All projects.
    pub groups: Vec<Group>,
    /// All service accounts, as far as requests need them; none, where they were sent on while
    /// they were read.
    pub principals: Vec<Principal>,
    /// All API keys, as far as requests need them.
    pub api_keys: Vec<ApiKeyPrincipal>,
    /// All signing keys, in the order in which they were added.
    pub signing_keys: Vec<WrappedKey>,
    /// The lists with tokens that may be live.
    pub lists: Vec<ListSnapshot>,
}

/// What the installation key locks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstallationLock {
    /// Of the installation key.
    pub fingerprint: [u8; 8],
    /// The data keys, wrapped under it; `None` in a store that is older than they are.
    pub data_keys: Option<WrappedDataKeys>,
}

/// A status list, without the blocks in which no bit is set.
#[derive(Debug)]
pub struct ListSnapshot {
    /// Its id.
    pub id: ListId,
    /// When it closes and dies.
    pub term: Term,
    /// Block numbers, and the bits that are set in them.
    pub revoked: Vec<(u32, u64)>,
}

/// Something with the number of the last change that was decided of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versioned<T> {
    /// The number.
    pub version: Seq,
    /// The thing.
    pub value: T,
}

/// Requests that an entry of an access list has let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessEntryUse {
    /// Whose it is.
    pub owner: PrincipalId,
    /// The entry.
    pub network: IpNet,
    /// How many.
    pub requests: u64,
    /// When the last of them came.
    pub last_at: UnixTime,
    /// Where it came from.
    pub last_address: IpAddr,
}
