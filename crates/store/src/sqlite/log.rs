//! The change log: numbers given, entries written and read back.

use std::net::IpAddr;

use rescind_core::clock::UnixTime;
use rusqlite::{Connection, Row, params};

use super::{error::Failure, row};
use crate::{Actor, Entry, Event, Seq};

const SERVER: &str = "server";
const OPERATOR: &str = "operator";

/// The last number that was given.
pub(super) fn head(connection: &Connection) -> rusqlite::Result<Seq> {
    connection
        .prepare_cached("SELECT seq FROM change_log_head")?
        .query_row([], |row| row.get(0).map(Seq))
}

/// Makes `head` the last number that was given.
pub(super) fn set_head(connection: &Connection, head: Seq) -> rusqlite::Result<()> {
    connection.prepare_cached("UPDATE change_log_head SET seq = ?1")?.execute([head.0]).map(drop)
}

/// Appends an entry.
pub(super) fn append(
    connection: &Connection,
    seq: Seq,
    now: UnixTime,
    actor: Actor,
    event: &Event,
) -> Result<(), Failure> {
    let (actor, address) = match actor {
        Actor::Server => (SERVER.to_owned(), None),
        Actor::Operator => (OPERATOR.to_owned(), None),
        Actor::Account { client_id, address } => (client_id.to_string(), Some(address.to_string())),
    };
    connection
        .prepare_cached("INSERT INTO changes VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![seq.0, now.as_second(), actor, address, serde_json::to_string(event)?])?;
    Ok(())
}

/// Up to `limit` entries that follow `after`, oldest first.
pub(super) fn entries(
    connection: &Connection,
    after: Seq,
    limit: u32,
) -> Result<Vec<Entry>, Failure> {
    let after = i64::try_from(after.0).unwrap_or(i64::MAX);
    connection
        .prepare_cached(
            "SELECT seq, at, actor, address, event FROM changes
             WHERE seq > ?1 ORDER BY seq LIMIT ?2",
        )?
        .query_map(params![after, limit], |row| {
            Ok(Entry {
                seq: Seq(row.get(0)?),
                at: row::time(row, 1)?,
                actor: actor(row, 2)?,
                event: row::parsed(4, serde_json::from_str(row.get_ref(4)?.as_str()?))?,
            })
        })?
        .collect::<rusqlite::Result<_>>()
        .map_err(Failure::from)
}

/// The actor in column `index`, whose address is in the next one.
fn actor(row: &Row<'_>, index: usize) -> rusqlite::Result<Actor> {
    Ok(match row.get_ref(index)?.as_str()? {
        SERVER => Actor::Server,
        OPERATOR => Actor::Operator,
        _ => Actor::Account {
            client_id: row::text(row, index)?,
            address: row::text::<IpAddr>(row, index + 1)?,
        },
    })
}
