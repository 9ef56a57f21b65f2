//! What is recorded beside the log, a slice at a time.

use rescind_core::{clock::UnixTime, id::SecretId, live_tokens::Issued};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior::Immediate, params};

use super::error::Failure;
use crate::{AccessEntryUse, stored::AccessTable};

/// Rows that housekeeping touches in one commit, so that others wait a few milliseconds at most.
pub(super) const SLICE: usize = 512;

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

/// Notes how many tokens were issued with bits of blocks, unless more were noted.
pub(super) fn note_issued(connection: &mut Connection, issued: &[Issued]) -> Result<(), Failure> {
    let tx = connection.transaction_with_behavior(Immediate)?;
    {
        let mut note = tx.prepare_cached(
            "UPDATE status_blocks SET issued = max(issued, ?3) WHERE list_id = ?1 AND number = ?2",
        )?;
        for Issued { list, number, tokens } in issued {
            note.execute(params![list.as_number(), number, tokens])?;
        }
    }
    tx.commit()?;
    Ok(())
}

/// Adds requests to entries of access lists. The last use stays, if it came later than these.
pub(super) fn touch_access_entries(
    connection: &mut Connection,
    used: &[AccessEntryUse],
) -> Result<(), Failure> {
    let tx = connection.transaction_with_behavior(Immediate)?;
    {
        for entry in used {
            let AccessTable { name, owner, id } = AccessTable::of(entry.owner);
            // Compared with NULL, nothing is later.
            let mut touch = tx.prepare_cached(&format!(
                "UPDATE {name} SET
                    request_count = request_count + ?3,
                    last_used_at = iif(last_used_at > ?4, last_used_at, ?4),
                    last_used_address = iif(last_used_at > ?4, last_used_address, ?5)
                 WHERE {owner} = ?1 AND network = ?2"
            ))?;
            touch.execute(params![
                id,
                entry.network.to_string(),
                entry.requests,
                entry.last_at.as_second(),
                entry.last_address.to_string(),
            ])?;
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
