//! Reading service accounts as far as requests need them.

use deadpool_postgres::GenericClient;
use ipnet::IpNet;
use rescind_core::{
    access_list::AccessList,
    account::{Assignment, Credential, Principal},
    authorization::Rights,
    id::{ClientId, GroupId, OrgId, SecretId},
    secret::SecretHash,
};
use smallvec::SmallVec;
use tokio_postgres::Row;

use super::{
    error::Failure,
    row,
    step::{distribute, grouped},
};

/// All of them, or the one that is asked for: four scans, each in the order of accounts.
pub(super) async fn principals(
    client: &impl GenericClient,
    only: Option<ClientId>,
) -> Result<Vec<Principal>, Failure> {
    let only = ("client_id", only.as_ref().map(ClientId::as_bytes));
    let select = "SELECT client_id, org_id, roles FROM service_accounts";
    let mut principals = row::all_or_of(client, select, only, "client_id", |row| {
        Ok(Principal {
            client_id: owner(row)?,
            rights: Rights {
                roles: row::roles(row, 2)?,
                ..Rights::none(OrgId::from_bytes(row::bytes(row, 1)?))
            },
            credentials: SmallVec::new(),
            access_list: None,
        })
    })
    .await?;

    let select = "SELECT client_id, id, hash, expires_at FROM secrets";
    let secrets = row::all_or_of(client, select, only, "client_id, created_at, id", |row| {
        let credential = Credential {
            id: SecretId::from_bytes(row::bytes(row, 1)?),
            hash: SecretHash::from_bytes(row::bytes(row, 2)?),
            expires_at: row::time(row, 3)?,
        };
        Ok((owner(row)?, credential))
    })
    .await?;
    distribute(&mut principals, id, secrets, |principal, credential| {
        principal.credentials.push(credential);
    })?;

    let select = "SELECT client_id, group_id, roles FROM assignments";
    let assignments = row::all_or_of(client, select, only, "client_id, group_id", |row| {
        let group_id = GroupId::from_bytes(row::bytes(row, 1)?);
        Ok((owner(row)?, Assignment { group_id, roles: row::roles(row, 2)? }))
    })
    .await?;
    distribute(&mut principals, id, assignments, |principal, assignment| {
        principal.rights.assignments.push(assignment);
    })?;

    let select = "SELECT client_id, network FROM access_entries";
    let networks = row::all_or_of(client, select, only, "client_id, network", |row| {
        Ok((owner(row)?, row::text::<IpNet>(row, 1)?))
    })
    .await?;
    distribute(&mut principals, id, grouped(networks), |principal, networks| {
        principal.access_list = AccessList::unless_empty(networks);
    })?;
    Ok(principals)
}

fn id(principal: &Principal) -> ClientId {
    principal.client_id
}

/// The account that a row belongs to.
fn owner(row: &Row) -> Result<ClientId, Failure> {
    row::bytes(row, 0).map(ClientId::from_bytes)
}
