//! Making changes durable.

use rescind_core::{
    account::ServiceAccount,
    clock::UnixTime,
    id::SecretId,
    status_list::{ListId, StatusRef},
};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior::Immediate, params};

use super::{error::Failure, log, row};
use crate::{Change, Seq, Transaction};

/// Rows that housekeeping touches in one commit, so that others wait a few milliseconds at most.
pub(super) const SLICE: usize = 512;

/// Commits a batch; the numbers of the first change of each transaction.
pub(super) fn commit(
    connection: &mut Connection,
    now: UnixTime,
    batch: &[Transaction],
) -> Result<Vec<Seq>, Failure> {
    // IMMEDIATE takes the write lock first: whoever reads the head is the one who moves it.
    // Dropped on the way out of an error, it rolls back, also when it was COMMIT that failed.
    let tx = connection.transaction_with_behavior(Immediate)?;
    let mut head = log::head(&tx)?;
    let mut numbers = Vec::with_capacity(batch.len());
    for transaction in batch {
        numbers.push(head.next());
        for change in &transaction.changes {
            head = head.next();
            apply(&tx, head, now, change)?;
            log::append(&tx, head, now, transaction.actor, &change.event())?;
        }
    }
    log::set_head(&tx, head)?;
    tx.commit()?;
    Ok(numbers)
}

fn apply(connection: &Connection, seq: Seq, now: UnixTime, change: &Change) -> Result<(), Failure> {
    let execute = |sql: &str, params: &[&dyn rusqlite::ToSql]| {
        connection.prepare_cached(sql)?.execute(params)
    };
    match *change {
        Change::InstallationCreated { fingerprint } => {
            execute("INSERT INTO installation VALUES (1, ?1)", params![fingerprint])?;
        }
        Change::OrganizationCreated(ref organization) => {
            execute(
                "INSERT INTO organizations VALUES (?1, ?2, ?3)",
                params![
                    organization.id.as_bytes(),
                    organization.name,
                    organization.created_at.as_second()
                ],
            )?;
        }
        Change::GroupCreated(ref group) => {
            execute(
                "INSERT INTO groups VALUES (?1, ?2, ?3, ?4)",
                params![
                    group.id.as_bytes(),
                    group.org_id.as_bytes(),
                    group.name,
                    group.created_at.as_second()
                ],
            )?;
        }
        Change::ServiceAccountCreated(ref account) => create_account(connection, account)?,
        Change::SigningKeyAdded(ref key) => {
            execute(
                "INSERT INTO signing_keys VALUES (?1, ?2, ?3, ?4)",
                params![
                    key.kid.as_bytes(),
                    key.algorithm.as_str(),
                    key.created_at.as_second(),
                    key.sealed
                ],
            )?;
        }
        Change::StatusListOpened(term) => {
            execute(
                "INSERT INTO status_lists VALUES (?1, ?2, ?3)",
                params![seq.0, term.closes_at.as_second(), term.dies_at.as_second()],
            )?;
        }
        Change::BlocksTaken { list, first, count, client_id, secret_id } => {
            for number in (first..).take(count as usize) {
                // A block that is taken already fails here, and with it the batch: two secrets
                // never share one.
                execute(
                    "INSERT INTO status_blocks (list_id, number, client_id, secret_id)
                     VALUES (?1, ?2, ?3, ?4)",
                    params![list.as_number(), number, client_id.as_bytes(), secret_id.as_bytes()],
                )?;
            }
        }
        Change::TokenRevoked { status, .. } => revoke(connection, status, now)?,
        Change::SecretTokensRevoked { client_id, secret_id } => {
            execute(
                "UPDATE status_blocks SET revoked = -1 WHERE client_id = ?1 AND secret_id = ?2",
                params![client_id.as_bytes(), secret_id.as_bytes()],
            )?;
        }
        Change::AccountTokensRevoked { client_id } => {
            execute(
                "UPDATE status_blocks SET revoked = -1 WHERE client_id = ?1",
                params![client_id.as_bytes()],
            )?;
        }
    }
    Ok(())
}

fn create_account(connection: &Connection, account: &ServiceAccount) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO service_accounts VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![
            account.client_id.as_bytes(),
            account.org_id.as_bytes(),
            row::role_names(account.roles),
            account.created_at.as_second(),
            account.name,
            account.description,
        ])?;
    let mut insert =
        connection.prepare_cached("INSERT INTO secrets VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    for secret in &account.secrets {
        insert.execute(params![
            account.client_id.as_bytes(),
            secret.created_at.as_second(),
            secret.id.as_bytes(),
            secret.hash.as_bytes(),
            secret.expires_at.as_second(),
            secret.last_used_at.map(UnixTime::as_second),
            secret.last_four,
        ])?;
    }
    Ok(())
}

/// Sets the bit of one token.
fn revoke(connection: &Connection, status: StatusRef, now: UnixTime) -> Result<(), Failure> {
    let block = status.block();
    let list = block.list.as_number();
    let set = connection
        .prepare_cached(
            "UPDATE status_blocks SET revoked = revoked | ?1 WHERE list_id = ?2 AND number = ?3",
        )?
        .execute(params![status.mask().cast_signed(), list, block.number])?;
    // No bit to set. When the list is gone too, so is every token in it, and nothing is left to
    // do. When it is alive, so may the token be: nobody may be told that it is dead.
    if set == 0 && is_alive(connection, block.list, now)? {
        return Err(Failure::UnknownBlock(block));
    }
    Ok(())
}

fn is_alive(connection: &Connection, list: ListId, now: UnixTime) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM status_lists WHERE id = ?1 AND dies_at > ?2")?
        .exists(params![list.as_number(), now.as_second()])
}

/// Records when secrets were last used, unless a later use is recorded.
pub(super) fn touch_secrets(
    connection: &mut Connection,
    used: &[(SecretId, UnixTime)],
) -> Result<(), Failure> {
    let tx = connection.transaction_with_behavior(Immediate)?;
    {
        let mut touch = tx.prepare_cached(
            "UPDATE secrets SET last_used_at = ?2
             WHERE id = ?1 AND (last_used_at IS NULL OR last_used_at < ?2)",
        )?;
        for (id, at) in used {
            touch.execute(params![id.as_bytes(), at.as_second()])?;
        }
    }
    tx.commit()?;
    Ok(())
}

/// Forgets some blocks of the oldest dead list, or the list itself if it has none left; whether
/// there was one.
pub(super) fn forget_slice(connection: &mut Connection, now: UnixTime) -> Result<bool, Failure> {
    let tx = connection.transaction_with_behavior(Immediate)?;
    let dead = tx
        .prepare_cached("SELECT id FROM status_lists WHERE dies_at <= ?1 ORDER BY id LIMIT 1")?
        .query_row([now.as_second()], |row| row.get::<_, i64>(0))
        .optional()?;
    if let Some(list) = dead {
        let forgotten = tx
            .prepare_cached(
                "DELETE FROM status_blocks WHERE list_id = ?1 AND number IN
                 (SELECT number FROM status_blocks WHERE list_id = ?1 ORDER BY number LIMIT ?2)",
            )?
            .execute(params![list, SLICE.cast_signed()])?;
        if forgotten == 0 {
            tx.prepare_cached("DELETE FROM status_lists WHERE id = ?1")?.execute([list])?;
        }
    }
    tx.commit()?;
    Ok(dead.is_some())
}
