//! Reading what memory holds: each table once, in the order in which it lies on disk.

use rescind_core::{
    clock::UnixTime,
    signing::{KeyId, WrappedKey},
};
use rusqlite::{Connection, OptionalExtension as _};

use super::{
    api_key,
    error::Failure,
    log,
    organization::{groups, organizations},
    principal::principals,
    row,
    status_list::lists,
};
use crate::Snapshot;

/// All that is held in memory, as one moment of the log saw it.
pub(super) fn read(connection: &mut Connection, now: UnixTime) -> Result<Snapshot, Failure> {
    let tx = connection.transaction()?; // one transaction, one moment
    Ok(Snapshot {
        seq: log::head(&tx)?,
        installation: tx
            .query_row("SELECT fingerprint FROM installation", [], |row| row.get(0))
            .optional()?,
        organizations: organizations(&tx, None)?,
        groups: groups(&tx, None)?,
        principals: principals(&tx, None)?,
        api_keys: api_key::principals(&tx, None)?,
        keys: keys(&tx)?,
        lists: lists(&tx, now)?,
    })
}

fn keys(connection: &Connection) -> rusqlite::Result<Vec<WrappedKey>> {
    connection
        .prepare("SELECT kid, algorithm, created_at, sealed FROM signing_keys")?
        .query_map([], |row| {
            Ok(WrappedKey {
                kid: KeyId::from_bytes(row.get(0)?),
                algorithm: row::text(row, 1)?,
                created_at: row::time(row, 2)?,
                sealed: row.get(3)?,
            })
        })?
        .collect()
}
