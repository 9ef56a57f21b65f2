//! The change log: numbers given, entries written and read back.

use deadpool_postgres::{Client, GenericClient};
use futures_util::future::{try_join, try_join3};
use rescind_core::{
    clock::UnixTime,
    id::{GroupId, OrgId},
};
use tokio_postgres::{Row, types::ToSql};

use super::{error::Failure, row};
use crate::{Entry, Event, EventFilter, Seq, Transaction, stored};

/// The last number that was given.
pub(super) async fn head(client: &impl GenericClient) -> Result<Seq, Failure> {
    let heads = row::rows(client, "SELECT seq FROM change_log_head", &[], |row| row::seq(row, 0));
    heads.await?.pop().ok_or_else(|| Failure::damaged("the head of its log is not there"))
}

/// Begins a transaction that gives numbers: the last one that was given. Whoever reads it so is
/// the one who moves it: the row is locked until the end, so the next gets numbers after this
/// commit. A sequence would leave gaps after a rollback, and numbers out of the order of commits.
pub(super) async fn begin(client: &Client) -> Result<Seq, Failure> {
    let sql = "SELECT seq FROM change_log_head FOR UPDATE";
    let head = client.prepare_cached(sql).await?;
    // Sent together, in this order: one way there and back.
    let ((), head) = try_join(client.batch_execute("BEGIN"), client.query(&head, &[])).await?;
    let head = head.first().ok_or_else(|| Failure::damaged("the head of its log is not there"))?;
    row::seq(head, 0)
}

/// Entries that are not yet written.
#[derive(Default)]
pub(super) struct Entries {
    seqs: Vec<i64>,
    actors: Vec<String>,
    addresses: Vec<Option<String>>,
    org_ids: Vec<Option<Vec<u8>>>,
    group_ids: Vec<Option<Vec<u8>>>,
    events: Vec<String>,
}

impl Entries {
    /// Adds an entry, about a change of `transaction`.
    pub(super) fn append(
        &mut self,
        seq: Seq,
        transaction: &Transaction,
        event: &Event,
    ) -> Result<(), Failure> {
        let (actor, address) = stored::actor_texts(transaction.actor);
        self.seqs.push(row::bigint(seq.0));
        self.actors.push(actor);
        self.addresses.push(address);
        self.org_ids.push(transaction.org_id.map(|id| id.as_bytes().to_vec()));
        self.group_ids.push(event.group_id().map(|id| id.as_bytes().to_vec()));
        self.events.push(serde_json::to_string(event)?);
        Ok(())
    }

    /// Writes them, makes `head` the last number that was given, and commits.
    pub(super) async fn commit(
        self,
        client: &Client,
        now: UnixTime,
        head: Seq,
    ) -> Result<(), Failure> {
        let insert = client
            .prepare_cached(
                "INSERT INTO changes (at, seq, actor, address, org_id, group_id, event)
                 SELECT $1, seq, actor, address, org_id, group_id, event::json
                 FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bytea[], $6::bytea[],
                             $7::text[])
                      AS new (seq, actor, address, org_id, group_id, event)",
            )
            .await?;
        let at = now.as_second();
        let Self { seqs, actors, addresses, org_ids, group_ids, events } = &self;
        let params: [&(dyn ToSql + Sync); 7] =
            [&at, seqs, actors, addresses, org_ids, group_ids, events];
        let set_head = client.prepare_cached("UPDATE change_log_head SET seq = $1").await?;
        let head = row::bigint(head.0);
        // Sent together, in this order: one way there and back. None of the first two can fail
        // without the commit failing as well.
        try_join3(
            client.execute(&insert, &params),
            client.execute(&set_head, &[&head]),
            client.batch_execute("COMMIT"),
        )
        .await?;
        Ok(())
    }
}

/// What [`entry`] reads.
const COLUMNS: &str = "seq, at, actor, address, org_id, event::text";

fn entry(row: &Row) -> Result<Entry, Failure> {
    let org_id: Option<&[u8]> = row::get(row, 4)?;
    let org_id = org_id.map(<[u8; 12]>::try_from).transpose().map_err(Failure::damaged)?;
    Ok(Entry {
        seq: row::seq(row, 0)?,
        at: row::time(row, 1)?,
        actor: stored::actor(row::get(row, 2)?, row::get(row, 3)?).map_err(Failure::damaged)?,
        org_id: org_id.map(OrgId::from_bytes),
        event: serde_json::from_str(row::get(row, 5)?).map_err(Failure::damaged)?,
    })
}

/// Up to `limit` entries that follow `after`, oldest first.
pub(super) async fn entries(
    client: &impl GenericClient,
    after: Seq,
    limit: u32,
) -> Result<Vec<Entry>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM changes WHERE seq > $1 ORDER BY seq LIMIT $2");
    row::rows(client, &sql, &[&row::bigint(after.0), &i64::from(limit)], entry).await
}

/// A page of an organization's log, newest first, and how long the log is. The caller sees to it
/// that both are of one moment.
pub(super) async fn events(
    client: &impl GenericClient,
    org_id: OrgId,
    filter: &EventFilter,
) -> Result<(Vec<Entry>, u64), Failure> {
    // What is not asked for costs nothing: there is no condition on it.
    let org_id = org_id.as_bytes().as_slice();
    let group_id = filter.group_id.as_ref().map(GroupId::as_bytes).map(<[u8; 12]>::as_slice);
    let (from, to) = (filter.from.map(UnixTime::as_second), filter.to.map(UnixTime::as_second));
    let mut params: Vec<&(dyn ToSql + Sync)> = vec![&org_id];
    let mut matching = "FROM changes WHERE org_id = $1".to_owned();
    let mut and = |condition: &str, param| {
        params.push(param);
        matching += &condition.replace('?', &format!("${}", params.len()));
    };
    if let Some(group_id) = &group_id {
        and(" AND group_id = ?", group_id);
    }
    if let Some(from) = &from {
        and(" AND at >= ?", from);
    }
    if let Some(to) = &to {
        and(" AND at <= ?", to);
    }
    if !filter.types.is_empty() {
        and(" AND event ->> 'type' = ANY (?)", &filter.types);
    }
    let count = format!("SELECT count(*) {matching}");
    let total = row::rows(client, &count, &params, |row| row::number(row, 0)).await?;
    let (limit, offset) = (i64::from(filter.limit), row::bigint(filter.offset));
    let (first, second) = (params.len() + 1, params.len() + 2);
    let page =
        format!("SELECT {COLUMNS} {matching} ORDER BY seq DESC LIMIT ${first} OFFSET ${second}");
    params.extend([&limit as &(dyn ToSql + Sync), &offset]);
    let page = row::rows(client, &page, &params, entry).await?;
    Ok((page, total.first().copied().unwrap_or_default()))
}
