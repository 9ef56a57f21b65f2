//! Reading what memory holds: each table once, in the order in which it lies on disk.

use rescind_core::{
    clock::UnixTime,
    signing::{KeyId, WrappedKey},
};
use rusqlite::{Connection, OptionalExtension as _};

use super::{
    error::Failure,
    log,
    organization::{groups, organizations},
    principal::principals,
    row,
    status_list::lists,
};
use crate::Snapshot;

/// All that is held in memory, as one moment of the log saw it.
pub(super) fn read(connection: &mut Connection, now: UnixTime) -> Result<Snapshot, Failure> {
    let tx = connection.transaction()?; // one transaction, one moment
    Ok(Snapshot {
        seq: log::head(&tx)?,
        installation: tx
            .query_row("SELECT fingerprint FROM installation", [], |row| row.get(0))
            .optional()?,
        organizations: organizations(&tx, None)?,
        groups: groups(&tx, None)?,
        principals: principals(&tx, None)?,
        keys: keys(&tx)?,
        lists: lists(&tx, now)?,
    })
}

fn keys(connection: &Connection) -> rusqlite::Result<Vec<WrappedKey>> {
    connection
        .prepare("SELECT kid, algorithm, created_at, sealed FROM signing_keys")?
        .query_map([], |row| {
            Ok(WrappedKey {
                kid: KeyId::from_bytes(row.get(0)?),
                algorithm: row::text(row, 1)?,
                created_at: row::time(row, 2)?,
                sealed: row.get(3)?,
            })
        })?
        .collect()
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
