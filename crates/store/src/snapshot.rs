//! What a process reads once, when it starts; afterwards it follows the log.

use rescind_core::{
    account::Principal,
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
    /// The fingerprint of the installation key; `None` in an empty store.
    pub installation: Option<[u8; 8]>,
    /// All organizations.
    pub organizations: Vec<Organization>,
    /// All projects.
    pub groups: Vec<Group>,
    /// All service accounts, as far as requests need them.
    pub principals: Vec<Principal>,
    /// All signing keys.
    pub keys: Vec<WrappedKey>,
    /// The lists with tokens that may be live.
    pub lists: Vec<ListSnapshot>,
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
