//! Reading service accounts as the management API shows them.

use rescind_core::{
    account::{Secret, ServiceAccount},
    id::{ClientId, OrgId, SecretId},
    secret::SecretHash,
};
use rusqlite::{Connection, OptionalExtension as _};

use super::{error::Failure, row};

/// The accounts, in the order of `client_ids`, without those that are gone.
pub(super) fn accounts(
    connection: &mut Connection,
    client_ids: &[ClientId],
) -> Result<Vec<ServiceAccount>, Failure> {
    let tx = connection.transaction()?; // one transaction, one moment
    let mut select = tx.prepare_cached(
        "SELECT org_id, roles, created_at, name, description FROM service_accounts
         WHERE client_id = ?1",
    )?;
    let mut accounts = Vec::with_capacity(client_ids.len());
    for &client_id in client_ids {
        let account = select
            .query_row([client_id.as_bytes()], |row| {
                Ok(ServiceAccount {
                    client_id,
                    org_id: OrgId::from_bytes(row.get(0)?),
                    roles: row::roles(row, 1)?,
                    created_at: row::time(row, 2)?,
                    name: row.get(3)?,
                    description: row.get(4)?,
                    secrets: secrets(&tx, client_id)?,
                })
            })
            .optional()?;
        accounts.extend(account);
    }
    Ok(accounts)
}

fn secrets(connection: &Connection, client_id: ClientId) -> rusqlite::Result<Vec<Secret>> {
    connection
        .prepare_cached(
            "SELECT id, hash, last_four, created_at, expires_at, last_used_at FROM secrets
             WHERE client_id = ?1 ORDER BY created_at, id",
        )?
        .query_map([client_id.as_bytes()], |row| {
            Ok(Secret {
                id: SecretId::from_bytes(row.get(0)?),
                hash: SecretHash::from_bytes(row.get(1)?),
                last_four: row.get(2)?,
                created_at: row::time(row, 3)?,
                expires_at: row::time(row, 4)?,
                last_used_at: row::optional_time(row, 5)?,
            })
        })?
        .collect()
}
