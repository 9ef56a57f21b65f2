//! Blocks of status lists: whose they are, and which of their bits are set.

use std::ops::Range;

use rescind_core::{
    clock::UnixTime,
    id::{ClientId, OrgId, SecretId},
    status_list::{ListId, StatusRef},
};
use rusqlite::{Connection, params};

use super::one;
use crate::sqlite::error::Failure;

/// A block that is taken already fails here, and with it the batch: two secrets never share one.
pub(super) fn take_blocks(
    connection: &Connection,
    list: ListId,
    numbers: Range<u32>,
    (client_id, secret_id): (ClientId, SecretId),
) -> Result<(), Failure> {
    for number in numbers {
        one(
            connection,
            "INSERT INTO status_blocks (list_id, number, client_id, secret_id)
             VALUES (?1, ?2, ?3, ?4)",
            params![list.as_number(), number, client_id.as_bytes(), secret_id.as_bytes()],
        )?;
    }
    Ok(())
}

/// Sets the bit of one token.
pub(super) fn revoke(
    connection: &Connection,
    status: StatusRef,
    now: UnixTime,
) -> Result<(), Failure> {
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

/// Sets all bits of the blocks of a secret.
pub(super) fn revoke_secret(
    connection: &Connection,
    client_id: ClientId,
    secret_id: SecretId,
) -> Result<(), Failure> {
    connection
        .prepare_cached(
            "UPDATE status_blocks SET revoked = -1 WHERE client_id = ?1 AND secret_id = ?2",
        )?
        .execute(params![client_id.as_bytes(), secret_id.as_bytes()])?;
    Ok(())
}

/// Sets all bits of the blocks of an account.
pub(super) fn revoke_account(connection: &Connection, client_id: ClientId) -> Result<(), Failure> {
    connection
        .prepare_cached("UPDATE status_blocks SET revoked = -1 WHERE client_id = ?1")?
        .execute([client_id.as_bytes()])?;
    Ok(())
}

/// Sets all bits of the blocks of all accounts of an organization that is being deleted, and notes
/// whose they were: nothing else will tell.
pub(super) fn revoke_organization(connection: &Connection, org_id: OrgId) -> Result<(), Failure> {
    connection
        .prepare_cached(
            "UPDATE status_blocks SET revoked = -1, deleted_org_id = ?1
             WHERE client_id IN (SELECT client_id FROM service_accounts WHERE org_id = ?1)",
        )?
        .execute([org_id.as_bytes()])?;
    Ok(())
}
