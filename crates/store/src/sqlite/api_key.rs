//! Reading API keys: as requests need them, and as the management API shows them.

use ipnet::IpNet;
use rescind_core::{
    access_list::AccessList,
    api_key::{ApiKey, ApiKeyPrincipal},
    authorization::Rights,
    digest::WrappedHa1s,
    id::{ApiKeyId, OrgId},
};
use rusqlite::{Connection, OptionalExtension as _, Row, params_from_iter};

use super::{error::Failure, row, run::Run};

/// All of them, or the one that is asked for: two scans in step, each in the order of its primary
/// key.
pub(super) fn principals(
    connection: &Connection,
    only: Option<ApiKeyId>,
) -> Result<Vec<ApiKeyPrincipal>, Failure> {
    let which = |column| only.map_or(String::new(), |_| format!("WHERE {column} = ?1"));
    let params = || params_from_iter(only.map(|id| *id.as_bytes()));

    let mut networks = connection.prepare_cached(&format!(
        "SELECT api_key_id, network FROM api_key_access_entries {} ORDER BY api_key_id, network",
        which("api_key_id")
    ))?;
    let mut networks = Run::new(networks.query(params())?)?;
    let mut keys = connection.prepare_cached(&format!(
        "SELECT id, org_id, public_key, roles, credentials FROM api_keys {} ORDER BY id",
        which("id")
    ))?;
    let mut rows = keys.query(params())?;

    let mut principals = Vec::new();
    while let Some(row) = rows.next()? {
        let id = ApiKeyId::from_bytes(row.get(0)?);
        principals.push(ApiKeyPrincipal {
            id,
            public_key: row::text(row, 2)?,
            rights: Rights {
                roles: row::roles(row, 3)?,
                ..Rights::none(OrgId::from_bytes(row.get(1)?))
            },
            credentials: WrappedHa1s::from_bytes(row.get(4)?),
            access_list: AccessList::unless_empty(networks.of(&id, network)?),
        });
    }
    if networks.is_at_end() {
        Ok(principals)
    } else {
        Err(Failure::Damaged("an access list belongs to no API key".to_owned()))
    }
}

fn network(row: &Row<'_>) -> rusqlite::Result<IpNet> {
    row::text(row, 1)
}

/// The keys, in the order of `ids`, without those that are gone.
pub(super) fn api_keys(
    connection: &mut Connection,
    ids: &[ApiKeyId],
) -> Result<Vec<ApiKey>, Failure> {
    let tx = connection.transaction()?; // one transaction, one moment
    let mut select = tx.prepare_cached(
        "SELECT org_id, public_key, roles, credentials, created_at, last_twelve, description
         FROM api_keys WHERE id = ?1",
    )?;
    let mut keys = Vec::with_capacity(ids.len());
    for &id in ids {
        let key = select
            .query_row([id.as_bytes()], |row| {
                Ok(ApiKey {
                    id,
                    org_id: OrgId::from_bytes(row.get(0)?),
                    public_key: row::text(row, 1)?,
                    roles: row::roles(row, 2)?,
                    credentials: WrappedHa1s::from_bytes(row.get(3)?),
                    created_at: row::time(row, 4)?,
                    last_twelve: row.get(5)?,
                    description: row.get(6)?,
                })
            })
            .optional()?;
        keys.extend(key);
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::open::Location;

    #[test]
    fn an_access_list_of_nobody_is_damage() {
        let dir = tempfile::tempdir().unwrap();
        let connection = Location::in_dir(dir.path()).open().unwrap();
        assert!(principals(&connection, None).unwrap().is_empty());
        connection.pragma_update(None, "foreign_keys", false).unwrap();
        connection
            .execute_batch(
                "INSERT INTO api_key_access_entries
                 VALUES (zeroblob(12), '192.0.2.0/24', 1, 0, 0, NULL, NULL)",
            )
            .unwrap();
        assert!(matches!(principals(&connection, None), Err(Failure::Damaged(_))));
    }
}
