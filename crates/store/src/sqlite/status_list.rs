//! Reading status lists and their blocks.

use rescind_core::{
    clock::UnixTime,
    id::ClientId,
    live_tokens::Issued,
    status_list::{BlockRef, ListId, Term},
};
use rusqlite::{Connection, Row, ToSql};

use super::{error::Failure, row};
use crate::{ListSnapshot, TokensOf};

/// The lists with tokens that may be live.
pub(super) fn lists(connection: &Connection, now: UnixTime) -> Result<Vec<ListSnapshot>, Failure> {
    let mut blocks = connection
        .prepare("SELECT number, revoked FROM status_blocks WHERE list_id = ?1 AND revoked <> 0")?;
    let mut lists = connection.prepare(
        "SELECT id, closes_at, dies_at FROM status_lists WHERE dies_at > ?1 ORDER BY id",
    )?;
    let mut rows = lists.query([now.as_second()])?;
    let mut lists = Vec::new();
    while let Some(row) = rows.next()? {
        let id: u64 = row.get(0)?;
        lists.push(ListSnapshot {
            id: ListId::from_number(id),
            term: Term { closes_at: row::time(row, 1)?, dies_at: row::time(row, 2)? },
            revoked: blocks
                .query_map([id], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned())))?
                .collect::<rusqlite::Result<_>>()?,
        });
    }
    Ok(lists)
}

/// The blocks that tokens of these lie in, and of which every bit is set.
pub(super) fn dead_blocks(
    connection: &mut Connection,
    of: &[TokensOf],
) -> Result<Vec<BlockRef>, Failure> {
    let tx = connection.transaction()?; // one transaction, one moment
    let mut dead = Vec::new();
    for tokens in of {
        let (whose, params): (_, &[&dyn ToSql]) = match tokens {
            TokensOf::Secret(client_id, secret_id) => {
                ("client_id = ?1 AND secret_id = ?2", &[client_id.as_bytes(), secret_id.as_bytes()])
            }
            TokensOf::Account(client_id) => ("client_id = ?1", &[client_id.as_bytes()]),
            TokensOf::DeletedOrganization(org_id) => ("deleted_org_id = ?1", &[org_id.as_bytes()]),
        };
        let mut select = tx.prepare_cached(&format!(
            "SELECT list_id, number FROM status_blocks WHERE {whose} AND revoked = -1"
        ))?;
        for found in select.query_map(params, block)? {
            dead.push(found?);
        }
    }
    Ok(dead)
}

/// What was noted of the blocks of an account.
pub(super) fn issued(connection: &Connection, client_id: ClientId) -> Result<Vec<Issued>, Failure> {
    connection
        .prepare_cached(
            "SELECT list_id, number, issued FROM status_blocks
             WHERE client_id = ?1 AND issued <> 0",
        )?
        .query_map([client_id.as_bytes()], |row| {
            let BlockRef { list, number } = block(row)?;
            Ok(Issued { list, number, tokens: row.get(2)? })
        })?
        .collect::<rusqlite::Result<_>>()
        .map_err(Failure::from)
}

fn block(row: &Row<'_>) -> rusqlite::Result<BlockRef> {
    Ok(BlockRef { list: ListId::from_number(row.get(0)?), number: row.get(1)? })
}
