//! What SQLite and the system say, sorted by what the operator can do about it.

use std::{io, path::Path};

use rescind_core::status_list::BlockRef;
use rusqlite::{ErrorCode, ffi::SQLITE_ERROR};
use tokio::task::JoinError;

use crate::StoreError;

/// What went wrong in a job on the database.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Job(#[from] JoinError),
    #[error("its tables are those of a newer version")]
    Newer,
    #[error("it is another program's database")]
    Foreign,
    #[error("{0}")]
    Damaged(String),
    #[error("block {} of status list {} belongs to nobody", .0.number, .0.list)]
    UnknownBlock(BlockRef),
    #[error("what was to be changed is not there")]
    NothingToChange,
    #[error("{0}")]
    Unavailable(String),
}

/// Which of the sentences fits.
enum Kind {
    Newer,
    Foreign,
    Damaged,
    Full,
    ReadOnly,
    Unavailable,
}

impl Failure {
    /// The sentence for whoever called, about the file `path`.
    pub(super) fn at(self, path: &Path) -> StoreError {
        let path = path.to_owned();
        match self.kind() {
            Kind::Newer => StoreError::Newer { path },
            Kind::Foreign => StoreError::Foreign { path },
            Kind::Damaged => StoreError::Damaged { path, source: self.into() },
            Kind::Full => StoreError::Full { path, source: self.into() },
            Kind::ReadOnly => StoreError::ReadOnly { path, source: self.into() },
            Kind::Unavailable => StoreError::Unavailable { path, source: self.into() },
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Newer => Kind::Newer,
            Self::Foreign => Kind::Foreign,
            Self::Damaged(_) => Kind::Damaged,
            Self::Sqlite(error) => sqlite_kind(error),
            Self::Io(error) => io_kind(error),
            Self::Json(_)
            | Self::Job(_)
            | Self::UnknownBlock(_)
            | Self::NothingToChange
            | Self::Unavailable(_) => Kind::Unavailable,
        }
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "SQLite's codes are many, and may become more")]
fn sqlite_kind(error: &rusqlite::Error) -> Kind {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Kind::Damaged,
            ErrorCode::DiskFull => Kind::Full,
            ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied => {
                Kind::ReadOnly
            }
            // Our statements are right for our tables: these are others.
            ErrorCode::Unknown if failure.extended_code == SQLITE_ERROR => Kind::Damaged,
            _ => Kind::Unavailable,
        },
        // A row, or the lack of one, that we did not write; or, as above, a table.
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::Utf8Error(..)
        | rusqlite::Error::QueryReturnedNoRows
        | rusqlite::Error::SqlInputError { .. } => Kind::Damaged,
        _ => Kind::Unavailable,
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the system's errors are many")]
fn io_kind(error: &io::Error) -> Kind {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Kind::Full,
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => Kind::ReadOnly,
        _ => Kind::Unavailable,
    }
}
