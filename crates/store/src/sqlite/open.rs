//! Opening: the directory's lock, the file, what is checked of it, and how connections are set.

use std::{
    fs::{File, OpenOptions, Permissions, TryLockError},
    io,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};
use rusqlite_migration::{M, MigrationDefinitionError, Migrations};

use super::{error::Failure, log};
use crate::{Seq, StoreError};

/// The `application_id` that the first migration sets.
const APPLICATION_ID: i32 = 0x5253_4344;

/// How the tables came about, step by step. A step that was released never changes.
const STEPS: &[M<'_>] = &[M::up(include_str!("../../migrations/sqlite/0001_first.sql"))];

/// Where the store lies.
#[derive(Clone, Debug)]
pub(super) struct Location {
    data_dir: PathBuf,
    database: PathBuf,
}

impl Location {
    pub(super) fn in_dir(data_dir: &Path) -> Self {
        Self { data_dir: data_dir.to_owned(), database: data_dir.join("rescind.db") }
    }

    /// The database file, which errors name.
    pub(super) fn database(&self) -> &Path {
        &self.database
    }

    /// Takes the directory for this process, until the file is closed.
    pub(super) fn lock(&self) -> Result<File, StoreError> {
        let failed = |error: io::Error| Failure::from(error).at(&self.data_dir);
        let file = private_file(&self.data_dir.join("rescind.lock")).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: self.data_dir.clone() }),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// The connection that writes, to a database that has been found to be ours and whole as far
    /// as a glance tells, created or brought up to date if need be.
    pub(super) fn open(&self) -> Result<Connection, Failure> {
        private_file(&self.database)?;
        let mut connection =
            self.connect(OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        check_owner(&connection)?;
        connection
            .pragma_update_and_check(None, "journal_mode", "WAL", |row| {
                let mode: String = row.get(0)?;
                Ok(mode)
            })
            .map_err(Failure::from)
            .and_then(|mode| {
                if mode == "wal" {
                    Ok(())
                } else {
                    Err(Failure::Unavailable(format!(
                        "this file system does not support a write-ahead log (journal_mode={mode})"
                    )))
                }
            })?;
        // Checkpoints are the checkpointer's work.
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        migrate(&mut connection)?;
        check_log(&connection)?;
        // What was created has a name on disk, too.
        File::open(&self.data_dir)?.sync_all()?;
        Ok(connection)
    }

    /// A connection that only reads.
    pub(super) fn open_reader(&self) -> Result<Connection, Failure> {
        self.connect(OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
    }

    /// A connection that moves the write-ahead log into the database.
    pub(super) fn open_checkpointer(&self) -> Result<Connection, Failure> {
        let connection =
            self.connect(OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        Ok(connection)
    }

    fn connect(&self, flags: OpenFlags) -> Result<Connection, Failure> {
        let connection = Connection::open_with_flags(&self.database, flags)?;
        connection.set_prepared_statement_cache_capacity(64);
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "cell_size_check", true)?;
        // Kibibytes when negative. No mmap: a disk that fails must be an error, not a SIGBUS.
        connection.pragma_update(None, "cache_size", -8192)?;
        Ok(connection)
    }
}

/// Opens a file that only its owner may read, and creates it if need be.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    match options.clone().create_new(true).open(path) {
        Ok(file) => {
            file.set_permissions(Permissions::from_mode(0o600))?; // whatever the umask
            Ok(file)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => options.open(path),
        Err(error) => Err(error),
    }
}

/// An empty database may become ours; any other must be ours already.
fn check_owner(connection: &Connection) -> Result<(), Failure> {
    let id: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if id == APPLICATION_ID || (id == 0 && tables == 0) { Ok(()) } else { Err(Failure::Foreign) }
}

fn migrate(connection: &mut Connection) -> Result<(), Failure> {
    Migrations::from_slice(STEPS).to_latest(connection).map_err(|error| {
        if let rusqlite_migration::Error::RusqliteError { err, .. } = error {
            return Failure::Sqlite(err);
        }
        let too_far = MigrationDefinitionError::DatabaseTooFarAhead;
        if error == rusqlite_migration::Error::MigrationDefinition(too_far) {
            return Failure::Newer;
        }
        Failure::Damaged(error.to_string())
    })
}

/// The head is the number of the last entry, unless that has been pruned.
fn check_log(connection: &Connection) -> Result<(), Failure> {
    let head = log::head(connection)?;
    let last: Option<u64> =
        connection.query_row("SELECT max(seq) FROM changes", [], |row| row.get(0))?;
    match last {
        Some(last) if Seq(last) != head => Err(Failure::Damaged(format!(
            "the last entry of its log is {last}, and the last number given {}",
            head.0
        ))),
        _ => Ok(()),
    }
}
