//! The change log: numbers given, entries written and read back.

use rescind_core::{
    clock::UnixTime,
    id::{GroupId, OrgId},
};
use rusqlite::{Connection, Row, ToSql, params};

use super::{error::Failure, row};
use crate::{Entry, Event, EventFilter, Seq, Transaction, stored};

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

/// Appends an entry, about a change of `transaction`.
pub(super) fn append(
    connection: &Connection,
    seq: Seq,
    now: UnixTime,
    transaction: &Transaction,
    event: &Event,
) -> Result<(), Failure> {
    let (actor, address) = stored::actor_texts(transaction.actor);
    connection
        .prepare_cached(
            "INSERT INTO changes (seq, at, actor, address, org_id, group_id, event)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            seq.0,
            now.as_second(),
            actor,
            address,
            transaction.org_id.as_ref().map(OrgId::as_bytes),
            event.group_id().as_ref().map(GroupId::as_bytes),
            serde_json::to_string(event)?,
        ])?;
    Ok(())
}

/// What [`entry`] reads.
const COLUMNS: &str = "seq, at, actor, address, org_id, event";

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let address = row.get_ref(3)?.as_str_or_null()?;
    Ok(Entry {
        seq: Seq(row.get(0)?),
        at: row::time(row, 1)?,
        actor: row::parsed(2, stored::actor(row.get_ref(2)?.as_str()?, address))?,
        org_id: row.get::<_, Option<_>>(4)?.map(OrgId::from_bytes),
        event: row::parsed(5, serde_json::from_str(row.get_ref(5)?.as_str()?))?,
    })
}

/// Up to `limit` entries that follow `after`, oldest first.
pub(super) fn entries(
    connection: &Connection,
    after: Seq,
    limit: u32,
) -> Result<Vec<Entry>, Failure> {
    let after = i64::try_from(after.0).unwrap_or(i64::MAX);
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM changes WHERE seq > ?1 ORDER BY seq LIMIT ?2"
        ))?
        .query_map(params![after, limit], entry)?
        .collect::<rusqlite::Result<_>>()
        .map_err(Failure::from)
}

/// The one type that the index of types leaves out.
const NOT_INDEXED: &str = "TOKEN_REVOKED";

/// Where the entries are that the filter lets through, by the index that leads to the least of the log.
fn matching(filter: &EventFilter) -> String {
    let is_indexed = filter.types.iter().all(|name| name != NOT_INDEXED);
    let of_types = match filter.types.as_slice() {
        [] => ":types = '[]'",
        _ => "event ->> 'type' IN (SELECT value FROM json_each(:types))",
    };
    let whose = match filter.group_id {
        // The plus keeps to the index of the project, which leads to less than the organization's.
        Some(_) => "WHERE group_id = :group AND +org_id = :org".to_owned(),
        None if is_indexed && !filter.types.is_empty() => format!(
            "INDEXED BY changes_by_type
             WHERE org_id = :org AND :group IS NULL AND event ->> 'type' <> '{NOT_INDEXED}'"
        ),
        None => "WHERE org_id = :org AND :group IS NULL".to_owned(),
    };
    // What is not asked for costs nothing: without a condition on it, no row is fetched to count it.
    format!(
        "FROM changes {whose} AND {of_types}
         AND (:from IS NULL OR at >= :from) AND (:to IS NULL OR at <= :to)"
    )
}

/// A page of an organization's log, newest first, and how long the log is.
pub(super) fn events(
    connection: &mut Connection,
    org_id: OrgId,
    filter: &EventFilter,
) -> Result<(Vec<Entry>, u64), Failure> {
    let types = serde_json::to_string(&filter.types)?;
    let params: [(&str, &dyn ToSql); 5] = [
        (":org", org_id.as_bytes()),
        (":group", &filter.group_id.as_ref().map(GroupId::as_bytes)),
        (":from", &filter.from.map(UnixTime::as_second)),
        (":to", &filter.to.map(UnixTime::as_second)),
        (":types", &types),
    ];
    let matching = matching(filter);
    let offset = i64::try_from(filter.offset).unwrap_or(i64::MAX);

    let tx = connection.transaction()?; // one transaction, one moment
    let total = tx
        .prepare_cached(&format!("SELECT count(*) {matching}"))?
        .query_row(&params, |row| row.get(0))?;
    let page = tx
        .prepare_cached(&format!(
            "SELECT {COLUMNS} {matching} ORDER BY seq DESC LIMIT :limit OFFSET :offset"
        ))?
        .query_map(
            [&params[..], &[(":limit", &filter.limit), (":offset", &offset)]].concat().as_slice(),
            entry,
        )?
        .collect::<rusqlite::Result<_>>()?;
    Ok((page, total))
}
