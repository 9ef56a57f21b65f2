//! Reading what memory holds: each table once, in the order in which it lies on disk.

use rescind_core::clock::UnixTime;
use rusqlite::Connection;

use super::{
    api_key,
    error::Failure,
    key::signing_keys,
    log,
    organization::{groups, organizations},
    principal::principals,
    status_list::lists,
};
use crate::Snapshot;

/// All that is held in memory, as one moment of the log saw it.
pub(super) fn read(connection: &mut Connection, now: UnixTime) -> Result<Snapshot, Failure> {
    let tx = connection.transaction()?; // one transaction, one moment
    Ok(Snapshot {
        seq: log::head(&tx)?,
        organizations: organizations(&tx, None)?,
        groups: groups(&tx, None)?,
        principals: principals(&tx, None)?,
        api_keys: api_key::principals(&tx, None)?,
        signing_keys: signing_keys(&tx)?,
        lists: lists(&tx, now)?,
    })
}
