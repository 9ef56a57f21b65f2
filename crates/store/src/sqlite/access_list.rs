//! Access lists of service accounts and of API keys: two tables that are alike but for whom their
//! rows refer to.

use rescind_core::{access_list::AccessEntry, id::PrincipalId};
use rusqlite::{Connection, Row};

use super::{error::Failure, row};

/// Where the entries of an owner lie.
pub(super) struct Table {
    pub(super) name: &'static str,
    /// The column of the owner.
    pub(super) owner: &'static str,
    /// What stands in it.
    pub(super) id: [u8; 12],
}

impl Table {
    pub(super) const fn of(owner: PrincipalId) -> Self {
        match owner {
            PrincipalId::Account(id) => {
                Self { name: "access_entries", owner: "client_id", id: *id.as_bytes() }
            }
            PrincipalId::ApiKey(id) => {
                Self { name: "api_key_access_entries", owner: "api_key_id", id: *id.as_bytes() }
            }
        }
    }
}

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
    let Table { name, owner, id } = Table::of(owner);
    connection
        .prepare_cached(&format!(
            "SELECT network, created_at, request_count, last_used_at, last_used_address
             FROM {name} WHERE {owner} = ?1 ORDER BY seq"
        ))?
        .query_map([id], entry)?
        .collect::<rusqlite::Result<_>>()
        .map_err(Failure::from)
}
