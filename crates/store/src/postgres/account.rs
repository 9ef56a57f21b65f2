//! Reading service accounts as the management API shows them.

use deadpool_postgres::GenericClient;
use rescind_core::{
    account::{Secret, ServiceAccount},
    id::{ClientId, OrgId, SecretId},
    secret::SecretHash,
};

use super::{
    error::Failure,
    row,
    step::{distribute, in_order_of},
};

/// The accounts, in the order of `client_ids`, without those that are gone.
pub(super) async fn accounts(
    client: &impl GenericClient,
    client_ids: &[ClientId],
) -> Result<Vec<ServiceAccount>, Failure> {
    let asked: Vec<_> = client_ids.iter().map(|id| id.as_bytes().as_slice()).collect();
    let sql = "SELECT client_id, org_id, roles, created_at, name, description
               FROM service_accounts WHERE client_id = ANY ($1) ORDER BY client_id";
    let mut found = row::rows(client, sql, &[&asked], |row| {
        Ok(ServiceAccount {
            client_id: ClientId::from_bytes(row::bytes(row, 0)?),
            org_id: OrgId::from_bytes(row::bytes(row, 1)?),
            roles: row::roles(row, 2)?,
            created_at: row::time(row, 3)?,
            name: row::get(row, 4)?,
            description: row::get(row, 5)?,
            secrets: Vec::new(),
        })
    })
    .await?;

    let sql = "SELECT client_id, id, hash, last_four, created_at, expires_at, last_used_at
               FROM secrets WHERE client_id = ANY ($1) ORDER BY client_id, created_at, id";
    let secrets = row::rows(client, sql, &[&asked], |row| {
        let secret = Secret {
            id: SecretId::from_bytes(row::bytes(row, 1)?),
            hash: SecretHash::from_bytes(row::bytes(row, 2)?),
            last_four: row::get(row, 3)?,
            created_at: row::time(row, 4)?,
            expires_at: row::time(row, 5)?,
            last_used_at: row::optional_time(row, 6)?,
        };
        Ok((ClientId::from_bytes(row::bytes(row, 0)?), secret))
    })
    .await?;
    let id = |account: &ServiceAccount| account.client_id;
    distribute(&mut found, id, secrets, |account, secret| account.secrets.push(secret))?;
    Ok(in_order_of(client_ids, found, id))
}
