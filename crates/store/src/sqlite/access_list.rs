//! Reading access lists of service accounts and of API keys.

use rescind_core::{access_list::AccessEntry, id::PrincipalId};
use rusqlite::{Connection, Row};

use super::{error::Failure, row};
use crate::stored::AccessTable;

/// An access list, oldest entry first.
pub(super) fn access_entries(
    connection: &Connection,
    owner: PrincipalId,
) -> Result<Vec<AccessEntry>, Failure> {
    let entry = |row: &Row<'_>| {
        Ok(AccessEntry {
            network: row::text(row, 0)?,
            created_at: row::time(row, 1)?,
            request_count: row.get(2)?,
            last_used: match row::optional_time(row, 3)? {
                Some(at) => Some((at, row::text(row, 4)?)),
                None => None,
            },
        })
    };
    let AccessTable { name, owner, id } = AccessTable::of(owner);
    connection
        .prepare_cached(&format!(
            "SELECT network, created_at, request_count, last_used_at, last_used_address
             FROM {name} WHERE {owner} = ?1 ORDER BY seq"
        ))?
        .query_map([id], entry)?
        .collect::<rusqlite::Result<_>>()
        .map_err(Failure::from)
}
