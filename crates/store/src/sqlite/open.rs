//! Opening: the directory's lock, the file, what is checked of it, and how connections are set.

use std::{
    fs::{self, File, OpenOptions, Permissions, TryLockError},
    io,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};
use rusqlite_migration::{M, MigrationDefinitionError, Migrations};

use super::{error::Failure, log};
use crate::{Seq, StoreError};

const READ_WRITE: OpenFlags =
    OpenFlags::SQLITE_OPEN_READ_WRITE.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);

/// The `application_id` that the first migration sets.
const APPLICATION_ID: i32 = 0x5253_4344;

/// How the tables came about, step by step. A step that was released never changes.
const STEPS: &[M<'_>] = &[
    M::up(include_str!("../../migrations/sqlite/0001_first.sql")),
    M::up(include_str!("../../migrations/sqlite/0002_management.sql")),
    M::up(include_str!("../../migrations/sqlite/0003_api_keys.sql")),
    M::up(include_str!("../../migrations/sqlite/0004_keys.sql")),
    M::up(include_str!("../../migrations/sqlite/0005_live_tokens.sql")),
    M::up(include_str!("../../migrations/sqlite/0006_events_by_type.sql")),
    M::up(include_str!("../../migrations/sqlite/0007_deleted_organizations.sql")),
];

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

    /// Bytes on disk, the write-ahead log included.
    pub(super) fn size(&self) -> io::Result<u64> {
        let log = self.data_dir.join("rescind.db-wal");
        let log = if log.try_exists()? { fs::metadata(log)?.len() } else { 0 };
        Ok(fs::metadata(&self.database)?.len() + log)
    }

    /// Takes the directory for this process.
    pub(super) fn lock(&self) -> Result<DirectoryLock, StoreError> {
        let failed = |error: io::Error| Failure::from(error).at(&self.data_dir);
        let file = private_file(&self.data_dir.join("rescind.lock")).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(DirectoryLock(file)),
            Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: self.data_dir.clone() }),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// The connection that writes, to a database that was found to be ours and whole as far as a
    /// glance tells; created or brought up to date if need be.
    pub(super) fn open(&self) -> Result<Connection, Failure> {
        if !self.database.try_exists()? {
            self.create()?;
        }
        let mut connection = Self::connect(&self.database, READ_WRITE)?;
        check_owner(&connection)?;
        migrate(&mut connection)?;
        check_log(&connection)?;
        let mode: String =
            connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
        if mode != "wal" {
            let cause = format!("its file system bears no write-ahead log (journal_mode={mode})");
            return Err(Failure::Unavailable(cause));
        }
        connection.pragma_update(None, "wal_autocheckpoint", 0)?; // see checkpoint.rs
        Ok(connection)
    }

    /// Creates the database under another name, so that whatever has its name is whole: were it
    /// cut to nothing later, it would not be taken for a new one.
    fn create(&self) -> Result<(), Failure> {
        if self.data_dir.join("rescind.db-wal").try_exists()? {
            let cause = "rescind.db is gone, and its write-ahead log rescind.db-wal is there";
            return Err(Failure::Damaged(cause.to_owned()));
        }
        let unfinished = self.data_dir.join("rescind.db.new");
        private_file(&unfinished)?.set_len(0)?;
        let mut connection = Self::connect(&unfinished, READ_WRITE)?;
        migrate(&mut connection)?;
        connection.close().map_err(|(_, error)| error)?;
        fs::rename(&unfinished, &self.database)?;
        // A power cut must not take the name away from what was answered 200 since.
        File::open(&self.data_dir)?.sync_all()?;
        Ok(())
    }

    /// A connection that only reads.
    pub(super) fn open_reader(&self) -> Result<Connection, Failure> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);
        Self::connect(&self.database, flags)
    }

    /// A connection that moves the write-ahead log into the database.
    pub(super) fn open_checkpointer(&self) -> Result<Connection, Failure> {
        Self::connect(&self.database, READ_WRITE)
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, Failure> {
        let connection = Connection::open_with_flags(path, flags)?;
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

/// Keeps other processes, and other stores of this one, out of a directory. The system lets go of
/// it when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct DirectoryLock(File);

impl Drop for DirectoryLock {
    fn drop(&mut self) {
        // Closing alone is not enough: a process that is being started has a copy until it runs.
        let _held_until_close = self.0.unlock();
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

/// Whether the database is ours, and not another program's or what is left of one.
fn check_owner(connection: &Connection) -> Result<(), Failure> {
    let id: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let is_empty = !connection.prepare("SELECT 1 FROM sqlite_schema")?.exists([])?;
    match id {
        APPLICATION_ID => Ok(()),
        0 if is_empty => Err(Failure::Damaged("the file is empty".to_owned())),
        _ => Err(Failure::Foreign),
    }
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
