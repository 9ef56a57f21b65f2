//! Reading service accounts as far as requests need them.

use ipnet::IpNet;
use rescind_core::{
    access_list::AccessList,
    account::{Assignment, Credential, Principal},
    authorization::Rights,
    id::{ClientId, GroupId, OrgId, SecretId},
    secret::SecretHash,
};
use rusqlite::{Connection, Row, params_from_iter};

use super::{error::Failure, row, run::Run};

/// Gives all of them to `take`, or the one that is asked for: four scans in step, each in the order
/// of its primary key.
pub(super) fn principals(
    connection: &Connection,
    only: Option<ClientId>,
    mut take: impl FnMut(Principal),
) -> Result<(), Failure> {
    let select = |columns: &str, order: &str| {
        let which = if only.is_some() { "WHERE client_id = ?1" } else { "" };
        connection.prepare_cached(&format!("SELECT {columns} {which} ORDER BY {order}"))
    };
    let params = || params_from_iter(only.map(|id| *id.as_bytes()));

    let mut secrets =
        select("client_id, id, hash, expires_at FROM secrets", "client_id, created_at, id")?;
    let mut secrets = Run::new(secrets.query(params())?)?;
    let mut assignments =
        select("client_id, group_id, roles FROM assignments", "client_id, group_id")?;
    let mut assignments = Run::new(assignments.query(params())?)?;
    let mut networks = select("client_id, network FROM access_entries", "client_id, network")?;
    let mut networks = Run::new(networks.query(params())?)?;
    let mut accounts = select("client_id, org_id, roles FROM service_accounts", "client_id")?;
    let mut rows = accounts.query(params())?;

    while let Some(row) = rows.next()? {
        let client_id = row.get(0).map(ClientId::from_bytes)?;
        take(Principal {
            client_id,
            rights: Rights {
                org_id: OrgId::from_bytes(row.get(1)?),
                roles: row::roles(row, 2)?,
                assignments: assignments.of(&client_id, assignment)?,
            },
            credentials: secrets.of(&client_id, credential)?,
            access_list: AccessList::unless_empty(networks.of(&client_id, network)?),
        });
    }
    if secrets.is_at_end() && assignments.is_at_end() && networks.is_at_end() {
        Ok(())
    } else {
        let cause = "a secret, an assignment or an access list belongs to no service account";
        Err(Failure::Damaged(cause.to_owned()))
    }
}

fn credential(row: &Row<'_>) -> rusqlite::Result<Credential> {
    Ok(Credential {
        id: SecretId::from_bytes(row.get(1)?),
        hash: SecretHash::from_bytes(row.get(2)?),
        expires_at: row::time(row, 3)?,
    })
}

fn assignment(row: &Row<'_>) -> rusqlite::Result<Assignment> {
    Ok(Assignment { group_id: GroupId::from_bytes(row.get(1)?), roles: row::roles(row, 2)? })
}

fn network(row: &Row<'_>) -> rusqlite::Result<IpNet> {
    row::text(row, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::open::Location;

    #[test]
    fn what_belongs_to_nobody_is_damage() {
        let rows = [
            "INSERT INTO secrets VALUES (zeroblob(12), 0, zeroblob(12), zeroblob(32), 0, 0, '')",
            "INSERT INTO assignments VALUES (zeroblob(12), zeroblob(12), 'GROUP_OWNER')",
            "INSERT INTO access_entries VALUES (zeroblob(12), '192.0.2.0/24', 1, 0, 0, NULL, NULL)",
        ];
        for row in rows {
            let dir = tempfile::tempdir().unwrap();
            let connection = Location::in_dir(dir.path()).open().unwrap();
            principals(&connection, None, |_| panic!("row: {row}")).unwrap();
            connection.pragma_update(None, "foreign_keys", false).unwrap();
            connection.execute_batch(row).unwrap();
            let read = principals(&connection, None, |_| panic!("row: {row}"));
            assert!(matches!(read, Err(Failure::Damaged(_))), "row: {row}");
        }
    }
}
