//! Reading what memory holds: each table once, in the order in which it lies on disk.

use rescind_core::{account::Principal, clock::UnixTime};
use rusqlite::Connection;
use tokio::sync::mpsc;

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

/// How many accounts are sent at a time: so many that sending costs nothing, and so few that they
/// are still in the processor's cache when they are received.
const BATCH: usize = 512;

/// All that is held in memory, as one moment of the log saw it; the accounts go to `accounts`.
pub(super) fn read(
    connection: &mut Connection,
    now: UnixTime,
    accounts: &mpsc::Sender<Vec<Principal>>,
) -> Result<Snapshot, Failure> {
    let tx = connection.transaction()?; // one transaction, one moment
    let mut batch = Vec::with_capacity(BATCH);
    principals(&tx, None, |account| {
        batch.push(account);
        if batch.len() == BATCH {
            send(accounts, std::mem::replace(&mut batch, Vec::with_capacity(BATCH)));
        }
    })?;
    send(accounts, batch);
    Ok(Snapshot {
        seq: log::head(&tx)?,
        organizations: organizations(&tx, None)?,
        groups: groups(&tx, None)?,
        principals: Vec::new(),
        api_keys: api_key::principals(&tx, None)?,
        signing_keys: signing_keys(&tx)?,
        lists: lists(&tx, now)?,
    })
}

/// Waits until there is room. Whoever has stopped to receive wants nothing of what is read.
fn send(accounts: &mpsc::Sender<Vec<Principal>>, batch: Vec<Principal>) {
    let _: Result<(), _> = accounts.blocking_send(batch);
}
