//! Blocks of status lists: whose they are, and which of their bits are set.

use std::{collections::BTreeMap, ops::Range};

use deadpool_postgres::Client;
use rescind_core::{
    clock::UnixTime,
    id::{ClientId, OrgId, SecretId},
    status_list::{BlockRef, ListId, StatusRef},
};

use super::some;
use crate::postgres::{
    error::Failure,
    row::{self, bigint},
    status_list,
};

/// A block that is taken already fails here, and with it the batch: two secrets never share one.
pub(super) async fn take_blocks(
    client: &Client,
    list: ListId,
    numbers: Range<u32>,
    (client_id, secret_id): (ClientId, SecretId),
) -> Result<(), Failure> {
    let numbers: Vec<i32> = numbers.map(u32::cast_signed).collect();
    some(
        client,
        "INSERT INTO status_blocks (list_id, number, client_id, secret_id)
         SELECT $1, number, $3, $4 FROM unnest($2::integer[]) AS taken (number)",
        &[
            &bigint(list.as_number()),
            &numbers,
            &client_id.as_bytes().as_slice(),
            &secret_id.as_bytes().as_slice(),
        ],
    )
    .await?;
    Ok(())
}

/// Sets the bits of tokens.
pub(super) async fn revoke(
    client: &Client,
    tokens: &[StatusRef],
    now: UnixTime,
) -> Result<(), Failure> {
    // Each block once, since a statement changes a row once; and in order, as all lock them.
    let mut masks: BTreeMap<BlockRef, u64> = BTreeMap::new();
    for token in tokens {
        *masks.entry(token.block()).or_default() |= token.mask();
    }
    let (mut lists, mut numbers, mut bits) = (Vec::new(), Vec::new(), Vec::new());
    for (block, mask) in &masks {
        lists.push(bigint(block.list.as_number()));
        numbers.push(block.number.cast_signed());
        bits.push(mask.cast_signed());
    }
    let set = some(
        client,
        "UPDATE status_blocks AS block SET revoked = block.revoked | dead.bits
         FROM unnest($1::bigint[], $2::integer[], $3::bigint[]) AS dead (list_id, number, bits)
         WHERE block.list_id = dead.list_id AND block.number = dead.number",
        &[&lists, &numbers, &bits],
    )
    .await?;
    if set == masks.len() as u64 {
        return Ok(());
    }
    // A bit that there is no place for. When the list is gone too, so is every token in it, and
    // nothing is left to do. When it is alive, so may the token be: nobody may be told that it is
    // dead.
    let unknown = row::rows(
        client,
        "SELECT dead.list_id, dead.number
         FROM unnest($1::bigint[], $2::integer[]) AS dead (list_id, number)
         JOIN status_lists AS list ON list.id = dead.list_id AND list.dies_at > $3
         WHERE NOT EXISTS (SELECT FROM status_blocks AS block
                           WHERE block.list_id = dead.list_id AND block.number = dead.number)
         LIMIT 1",
        &[&lists, &numbers, &now.as_second()],
        status_list::block,
    )
    .await?;
    unknown.first().map_or(Ok(()), |block| Err(Failure::UnknownBlock(*block)))
}

/// Sets all bits of the blocks of a secret.
pub(super) async fn revoke_secret(
    client: &Client,
    client_id: ClientId,
    secret_id: SecretId,
) -> Result<(), Failure> {
    let sql = "UPDATE status_blocks SET revoked = -1 WHERE client_id = $1 AND secret_id = $2";
    let ids = [client_id.as_bytes().as_slice(), secret_id.as_bytes().as_slice()];
    some(client, sql, &[&ids[0], &ids[1]]).await?;
    Ok(())
}

/// Sets all bits of the blocks of an account.
pub(super) async fn revoke_account(client: &Client, client_id: ClientId) -> Result<(), Failure> {
    let sql = "UPDATE status_blocks SET revoked = -1 WHERE client_id = $1";
    some(client, sql, &[&client_id.as_bytes().as_slice()]).await?;
    Ok(())
}

/// Sets all bits of the blocks of all accounts of an organization that is being deleted, and notes
/// whose they were: nothing else will tell.
pub(super) async fn revoke_organization(client: &Client, org_id: OrgId) -> Result<(), Failure> {
    let sql = "UPDATE status_blocks SET revoked = -1, deleted_org_id = $1
               WHERE client_id IN (SELECT client_id FROM service_accounts WHERE org_id = $1)";
    some(client, sql, &[&org_id.as_bytes().as_slice()]).await?;
    Ok(())
}
