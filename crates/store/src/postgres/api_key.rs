//! Reading API keys: as requests need them, and as the management API shows them.

use deadpool_postgres::GenericClient;
use ipnet::IpNet;
use rescind_core::{
    access_list::AccessList,
    api_key::{ApiKey, ApiKeyPrincipal},
    authorization::Rights,
    digest::WrappedHa1s,
    id::{ApiKeyId, OrgId},
};

use super::{
    error::Failure,
    row,
    step::{distribute, grouped, in_order_of},
};

/// All of them, or the one that is asked for: two scans, each in the order of keys.
pub(super) async fn principals(
    client: &impl GenericClient,
    only: Option<ApiKeyId>,
) -> Result<Vec<ApiKeyPrincipal>, Failure> {
    let only = only.as_ref().map(ApiKeyId::as_bytes);
    let select = "SELECT id, org_id, public_key, roles, credentials FROM api_keys";
    let mut principals = row::all_or_of(client, select, ("id", only), "id", |row| {
        Ok(ApiKeyPrincipal {
            id: ApiKeyId::from_bytes(row::bytes(row, 0)?),
            public_key: row::text(row, 2)?,
            rights: Rights {
                roles: row::roles(row, 3)?,
                ..Rights::none(OrgId::from_bytes(row::bytes(row, 1)?))
            },
            credentials: WrappedHa1s::from_bytes(row::bytes(row, 4)?),
            access_list: None,
        })
    })
    .await?;

    let select = "SELECT api_key_id, network FROM api_key_access_entries";
    let only = ("api_key_id", only);
    let networks = row::all_or_of(client, select, only, "api_key_id, network", |row| {
        Ok((ApiKeyId::from_bytes(row::bytes(row, 0)?), row::text::<IpNet>(row, 1)?))
    })
    .await?;
    distribute(
        &mut principals,
        |principal| principal.id,
        grouped(networks),
        |principal, networks| {
            principal.access_list = AccessList::unless_empty(networks);
        },
    )?;
    Ok(principals)
}

/// The keys, in the order of `ids`, without those that are gone.
pub(super) async fn api_keys(
    client: &impl GenericClient,
    ids: &[ApiKeyId],
) -> Result<Vec<ApiKey>, Failure> {
    let sql = "SELECT id, org_id, public_key, roles, credentials, created_at, last_twelve,
                      description
               FROM api_keys WHERE id = ANY ($1)";
    let asked: Vec<_> = ids.iter().map(|id| id.as_bytes().as_slice()).collect();
    let found = row::rows(client, sql, &[&asked], |row| {
        Ok(ApiKey {
            id: ApiKeyId::from_bytes(row::bytes(row, 0)?),
            org_id: OrgId::from_bytes(row::bytes(row, 1)?),
            public_key: row::text(row, 2)?,
            roles: row::roles(row, 3)?,
            credentials: WrappedHa1s::from_bytes(row::bytes(row, 4)?),
            created_at: row::time(row, 5)?,
            last_twelve: row::get(row, 6)?,
            description: row::get(row, 7)?,
        })
    })
    .await?;
    Ok(in_order_of(ids, found, |key| key.id))
}
