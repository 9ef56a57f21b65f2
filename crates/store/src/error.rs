//! What can go wrong with the store, each as one sentence that says what to do.

use std::{error::Error, path::PathBuf};

/// Why the store could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the sentences say it")]
pub enum StoreError {
    #[error(
        "another rescind is running on {}: stop it, or name another directory with --data-dir",
        path.display()
    )]
    InUse { path: PathBuf },
    #[error(
        "{} was written by a newer version of rescind: run that version or a later one on it",
        path.display()
    )]
    Newer { path: PathBuf },
    #[error("{} is not a store of rescind: name another directory with --data-dir", path.display())]
    Foreign { path: PathBuf },
    #[error("{} is damaged: restore the data directory from a backup", path.display())]
    Damaged { path: PathBuf, source: Cause },
    #[error("the disk that holds {} is full: free some space on it", path.display())]
    Full { path: PathBuf, source: Cause },
    #[error("cannot write to {}: make it writable for the user that runs rescind", path.display())]
    ReadOnly { path: PathBuf, source: Cause },
    #[error("cannot use {}", path.display())]
    Unavailable { path: PathBuf, source: Cause },
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl StoreError {
    /// Whether another process has the store.
    #[must_use]
    pub const fn is_in_use(&self) -> bool {
        matches!(self, Self::InUse { .. } | Self::Database(DatabaseError::InUse { .. }))
    }
}

/// The same of a database on a server, which is named without user and password.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the sentences say it")]
pub enum DatabaseError {
    #[error(
        "another rescind is using the database {database}: stop it, or name another database with \
         --database-url"
    )]
    InUse { database: String },
    #[error(
        "the database {database} was written by a newer version of rescind: run that version or a \
         later one on it"
    )]
    Newer { database: String },
    #[error(
        "the database {database} is not a store of rescind: name an empty one with --database-url"
    )]
    Foreign { database: String },
    #[error("the database {database} is damaged: restore it from a backup")]
    Damaged { database: String, source: Cause },
    #[error(
        "the database {database} has lost changes, as after a failover to a standby that was \
         behind: restart rescind, to go on from what it holds"
    )]
    Older { database: String, source: Cause },
    #[error("the disk that holds the database {database} is full: free some space on its server")]
    Full { database: String, source: Cause },
    #[error(
        "the database {database} takes no writes: name the primary server with --database-url, \
         and no standby"
    )]
    ReadOnly { database: String },
    #[error(
        "the server of the database {database} does not let this user in: correct user and \
         password in --database-url"
    )]
    Login { database: String, source: Cause },
    #[error("there is no database {database}: create it, or name another one with --database-url")]
    NoDatabase { database: String, source: Cause },
    #[error(
        "this user may not do what is needed in the database {database}: make it the owner of the \
         database, or grant it CREATE on the schema"
    )]
    NoRights { database: String, source: Cause },
    #[error(
        "the server of the database {database} takes no more connections: close some, or raise its \
         max_connections"
    )]
    NoConnectionLeft { database: String, source: Cause },
    #[error(
        "the certificate of the server of the database {database} cannot be verified: name the \
         certificate that signs it with sslrootcert=FILE in --database-url, and the host as it \
         stands in the certificate"
    )]
    Certificate { database: String, source: Cause },
    #[error(
        "the server of the database {database} does not offer TLS: give it a certificate, or, \
         where nobody else is on the way to it, add sslmode=disable to --database-url"
    )]
    NoTls { database: String },
    #[error("cannot use the certificates that sslrootcert in --database-url names")]
    Roots { source: Cause },
    #[error("the server of the database {database} is PostgreSQL {version}: use 13 or a later one")]
    OldServer { database: String, version: String },
    #[error(
        "the encoding of the database {database} is {encoding}: create one with the encoding UTF8"
    )]
    Encoding { database: String, encoding: String },
    #[error(
        "the database {database} has no schema to put tables in: create one that its search_path \
         names"
    )]
    NoSchema { database: String },
    #[error(
        "the server of the database {database} cannot be reached: start it, or correct host and \
         port in --database-url"
    )]
    Unreachable { database: String, source: Cause },
    #[error("cannot use the database {database}")]
    Unavailable { database: String, source: Cause },
}

/// What the database or the system said, for the operator's log.
pub type Cause = Box<dyn Error + Send + Sync>;
