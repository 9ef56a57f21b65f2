//! Reading status lists and their blocks.

use deadpool_postgres::GenericClient;
use rescind_core::{
    clock::UnixTime,
    id::ClientId,
    live_tokens::Issued,
    status_list::{BlockRef, ListId, Term},
};
use tokio_postgres::Row;

use super::{error::Failure, row, step::distribute};
use crate::{ListSnapshot, TokensOf};

/// The lists with tokens that may be live.
pub(super) async fn lists(
    client: &impl GenericClient,
    now: UnixTime,
) -> Result<Vec<ListSnapshot>, Failure> {
    let sql = "SELECT id, closes_at, dies_at FROM status_lists WHERE dies_at > $1 ORDER BY id";
    let mut lists = row::rows(client, sql, &[&now.as_second()], |row| {
        Ok(ListSnapshot {
            id: list(row, 0)?,
            term: Term { closes_at: row::time(row, 1)?, dies_at: row::time(row, 2)? },
            revoked: Vec::new(),
        })
    })
    .await?;
    let sql = "SELECT list_id, number, revoked FROM status_blocks
               WHERE revoked <> 0 AND list_id IN (SELECT id FROM status_lists WHERE dies_at > $1)
               ORDER BY list_id, number";
    let blocks = row::rows(client, sql, &[&now.as_second()], |row| {
        let BlockRef { list, number } = block(row)?;
        Ok((list, (number, row::get::<i64>(row, 2)?.cast_unsigned())))
    })
    .await?;
    distribute(&mut lists, |list| list.id, blocks, |list, block| list.revoked.push(block))?;
    Ok(lists)
}

/// The blocks that tokens of these lie in, and of which every bit is set.
pub(super) async fn dead_blocks(
    client: &impl GenericClient,
    of: &[TokensOf],
) -> Result<Vec<BlockRef>, Failure> {
    let (mut owners, mut secrets) = (Vec::new(), Vec::new());
    let (mut accounts, mut organizations) = (Vec::new(), Vec::new());
    for tokens in of {
        match tokens {
            TokensOf::Secret(client_id, secret_id) => {
                owners.push(client_id.as_bytes().as_slice());
                secrets.push(secret_id.as_bytes().as_slice());
            }
            TokensOf::Account(client_id) => accounts.push(client_id.as_bytes().as_slice()),
            TokensOf::DeletedOrganization(org_id) => {
                organizations.push(org_id.as_bytes().as_slice());
            }
        }
    }
    row::rows(
        client,
        "SELECT list_id, number FROM status_blocks
         JOIN unnest($1::bytea[], $2::bytea[]) AS secret (client_id, secret_id)
             USING (client_id, secret_id)
         WHERE revoked = -1
         UNION ALL
         SELECT list_id, number FROM status_blocks WHERE revoked = -1 AND client_id = ANY ($3)
         UNION ALL
         SELECT list_id, number FROM status_blocks
         WHERE revoked = -1 AND deleted_org_id = ANY ($4)",
        &[&owners, &secrets, &accounts, &organizations],
        block,
    )
    .await
}

/// What was noted of the blocks of an account.
pub(super) async fn issued(
    client: &impl GenericClient,
    client_id: ClientId,
) -> Result<Vec<Issued>, Failure> {
    let sql = "SELECT list_id, number, issued FROM status_blocks
               WHERE client_id = $1 AND issued <> 0";
    row::rows(client, sql, &[&client_id.as_bytes().as_slice()], |row| {
        let BlockRef { list, number } = block(row)?;
        Ok(Issued { list, number, tokens: row::get::<i32>(row, 2)?.cast_unsigned() })
    })
    .await
}

fn list(row: &Row, index: usize) -> Result<ListId, Failure> {
    row::number(row, index).map(ListId::from_number)
}

/// The block whose list and number are the first two columns.
pub(super) fn block(row: &Row) -> Result<BlockRef, Failure> {
    Ok(BlockRef { list: list(row, 0)?, number: row::get::<i32>(row, 1)?.cast_unsigned() })
}
