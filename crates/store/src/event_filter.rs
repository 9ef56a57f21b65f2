//! Which entries of an organization's log are asked for.

use rescind_core::{clock::UnixTime, id::GroupId};

/// Lets entries of the log through, and tells which page of them is wanted.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// Only those of this project.
    pub group_id: Option<GroupId>,
    /// Only those of these types, as the log writes them; all, if there are none.
    pub types: Vec<String>,
    /// Only those at this moment or later.
    pub from: Option<UnixTime>,
    /// Only those at this moment or earlier.
    pub to: Option<UnixTime>,
    /// How many are passed over.
    pub offset: u64,
    /// How many are returned at the most.
    pub limit: u32,
}
