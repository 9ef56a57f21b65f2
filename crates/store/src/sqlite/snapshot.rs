//! Reading what memory holds: each table once, in the order in which it lies on disk.

use rescind_core::{
    account::{Assignment, Credential, Principal},
    clock::UnixTime,
    id::{ClientId, GroupId, OrgId, SecretId},
    organization::{Group, Organization},
    secret::SecretHash,
    signing::{KeyId, WrappedKey},
    status_list::{BlockRef, ListId, Term},
};
use rusqlite::{Connection, MappedRows, OptionalExtension as _, Row, params};

use super::{error::Failure, log, row};
use crate::{ListSnapshot, Snapshot};

/// All that is held in memory, as one moment of the log saw it.
pub(super) fn read(connection: &mut Connection, now: UnixTime) -> Result<Snapshot, Failure> {
    let tx = connection.transaction()?; // one transaction, one moment
    Ok(Snapshot {
        seq: log::head(&tx)?,
        installation: tx
            .query_row("SELECT fingerprint FROM installation", [], |row| row.get(0))
            .optional()?,
        organizations: all(&tx, "SELECT id, name, created_at FROM organizations", |row| {
            Ok(Organization {
                id: OrgId::from_bytes(row.get(0)?),
                name: row.get(1)?,
                created_at: row::time(row, 2)?,
            })
        })?,
        groups: all(&tx, "SELECT id, org_id, name, created_at FROM groups", |row| {
            Ok(Group {
                id: GroupId::from_bytes(row.get(0)?),
                org_id: OrgId::from_bytes(row.get(1)?),
                name: row.get(2)?,
                created_at: row::time(row, 3)?,
            })
        })?,
        principals: principals(&tx)?,
        keys: all(&tx, "SELECT kid, algorithm, created_at, sealed FROM signing_keys", |row| {
            Ok(WrappedKey {
                kid: KeyId::from_bytes(row.get(0)?),
                algorithm: row::text(row, 1)?,
                created_at: row::time(row, 2)?,
                sealed: row.get(3)?,
            })
        })?,
        lists: lists(&tx, now)?,
    })
}

fn all<T>(
    connection: &Connection,
    sql: &str,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    connection.prepare(sql)?.query_map([], read)?.collect()
}

/// Three scans in step, each in the order of its primary key.
fn principals(connection: &Connection) -> Result<Vec<Principal>, Failure> {
    let mut secrets = connection.prepare(
        "SELECT client_id, id, hash, expires_at FROM secrets ORDER BY client_id, created_at, id",
    )?;
    let mut secrets = Run::new(secrets.query_map([], |row| {
        Ok((
            ClientId::from_bytes(row.get(0)?),
            Credential {
                id: SecretId::from_bytes(row.get(1)?),
                hash: SecretHash::from_bytes(row.get(2)?),
                expires_at: row::time(row, 3)?,
            },
        ))
    })?);
    let mut assignments = connection.prepare(
        "SELECT client_id, group_id, roles FROM assignments ORDER BY client_id, group_id",
    )?;
    let mut assignments = Run::new(assignments.query_map([], |row| {
        Ok((
            ClientId::from_bytes(row.get(0)?),
            Assignment { group_id: GroupId::from_bytes(row.get(1)?), roles: row::roles(row, 2)? },
        ))
    })?);
    let mut accounts = connection
        .prepare("SELECT client_id, org_id, roles FROM service_accounts ORDER BY client_id")?;
    let mut rows = accounts.query([])?;
    let mut principals = Vec::new();
    while let Some(row) = rows.next()? {
        let client_id = ClientId::from_bytes(row.get(0)?);
        principals.push(Principal {
            client_id,
            org_id: OrgId::from_bytes(row.get(1)?),
            roles: row::roles(row, 2)?,
            credentials: secrets.of(client_id)?,
            assignments: assignments.of(client_id)?,
        });
    }
    if secrets.is_at_end()? && assignments.is_at_end()? {
        Ok(principals)
    } else {
        Err(Failure::Damaged("a secret or an assignment belongs to no service account".to_owned()))
    }
}

/// Rows in the order of the account that they belong to, taken account by account.
struct Run<I: Iterator>(std::iter::Peekable<I>);

impl<'s, T, F> Run<MappedRows<'s, F>>
where
    F: FnMut(&Row<'_>) -> rusqlite::Result<(ClientId, T)>,
{
    fn new(rows: MappedRows<'s, F>) -> Self {
        Self(rows.peekable())
    }

    /// The next rows, as long as they are the account's.
    fn of(&mut self, client_id: ClientId) -> rusqlite::Result<Vec<T>> {
        let mut taken = Vec::new();
        while let Some(row) =
            self.0.next_if(|row| row.as_ref().map_or(true, |(owner, _)| *owner == client_id))
        {
            let (_, value) = row?;
            // Nearly always one and seldom more than two, where `Vec` would make room for four.
            taken.reserve_exact(1);
            taken.push(value);
        }
        Ok(taken)
    }

    fn is_at_end(&mut self) -> rusqlite::Result<bool> {
        self.0.next().transpose().map(|row| row.is_none())
    }
}

fn lists(connection: &Connection, now: UnixTime) -> Result<Vec<ListSnapshot>, Failure> {
    let mut blocks = connection
        .prepare("SELECT number, revoked FROM status_blocks WHERE list_id = ?1 AND revoked <> 0")?;
    let mut lists = connection.prepare(
        "SELECT id, closes_at, dies_at FROM status_lists WHERE dies_at > ?1 ORDER BY id",
    )?;
    let mut rows = lists.query([now.as_second()])?;
    let mut lists = Vec::new();
    while let Some(row) = rows.next()? {
        let id: u64 = row.get(0)?;
        lists.push(ListSnapshot {
            id: ListId::from_number(id),
            term: Term { closes_at: row::time(row, 1)?, dies_at: row::time(row, 2)? },
            revoked: blocks
                .query_map([id], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned())))?
                .collect::<rusqlite::Result<_>>()?,
        });
    }
    Ok(lists)
}

/// The blocks of an account, or of one of its secrets.
pub(super) fn blocks(
    connection: &Connection,
    client_id: ClientId,
    secret_id: Option<SecretId>,
) -> Result<Vec<BlockRef>, Failure> {
    let block = |row: &Row<'_>| {
        Ok(BlockRef { list: ListId::from_number(row.get(0)?), number: row.get(1)? })
    };
    match secret_id {
        Some(secret_id) => connection
            .prepare_cached(
                "SELECT list_id, number FROM status_blocks
                 WHERE client_id = ?1 AND secret_id = ?2",
            )?
            .query_map(params![client_id.as_bytes(), secret_id.as_bytes()], block)?
            .collect::<rusqlite::Result<_>>(),
        None => connection
            .prepare_cached("SELECT list_id, number FROM status_blocks WHERE client_id = ?1")?
            .query_map([client_id.as_bytes()], block)?
            .collect(),
    }
    .map_err(Failure::from)
}

#[cfg(test)]
mod tests {
    use rescind_core::role::GroupRole;

    use super::*;
    use crate::sqlite::open::Location;

    fn with_rows(sql: &str) -> Result<Snapshot, Failure> {
        let dir = tempfile::tempdir()?;
        let mut connection = Location::in_dir(dir.path()).open()?;
        connection.execute_batch(sql)?;
        read(&mut connection, UnixTime::from_second(0))
    }

    /// No change makes an assignment yet; the table is there, and what is in it is read.
    #[test]
    fn assignments_are_those_of_their_account() {
        let snapshot = with_rows(
            "PRAGMA foreign_keys = OFF;
             INSERT INTO service_accounts VALUES
                 (x'010000000000000000000000', zeroblob(12), '', 0, '', ''),
                 (x'020000000000000000000000', zeroblob(12), '', 0, '', ''),
                 (x'030000000000000000000000', zeroblob(12), '', 0, '', '');
             INSERT INTO assignments VALUES
                 (x'010000000000000000000000', x'0a0000000000000000000000', 'GROUP_OWNER'),
                 (x'030000000000000000000000', x'0b0000000000000000000000', ''),
                 (x'030000000000000000000000', x'0c0000000000000000000000',
                  'GROUP_READ_ONLY,GROUP_USER_ADMIN');",
        )
        .unwrap();
        let group = |n| GroupId::from_bytes([n, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let assignments: Vec<_> =
            snapshot.principals.into_iter().map(|principal| principal.assignments).collect();
        let reads_and_manages = GroupRole::ReadOnly | GroupRole::UserAdmin;
        assert_eq!(
            assignments,
            [
                vec![Assignment { group_id: group(10), roles: GroupRole::Owner.into() }],
                vec![],
                vec![
                    Assignment { group_id: group(11), roles: enumset::EnumSet::empty() },
                    Assignment { group_id: group(12), roles: reads_and_manages },
                ],
            ]
        );
    }

    #[test]
    fn an_assignment_of_nobody_is_damage() {
        let orphan = "PRAGMA foreign_keys = OFF;
             INSERT INTO assignments VALUES (zeroblob(12), zeroblob(12), 'GROUP_OWNER');";
        assert!(matches!(with_rows(orphan), Err(Failure::Damaged(_))));
    }
}
