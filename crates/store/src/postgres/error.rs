//! What PostgreSQL and the way to it say, sorted by what the operator can do about it.

use std::error::Error;

use deadpool_postgres::{HookError, PoolError};
use rescind_core::status_list::BlockRef;
use tokio_postgres::error::SqlState;

use super::tls::RootsError;
use crate::{Cause, DatabaseError, StoreError};

/// What went wrong in a job on the database.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Postgres(#[from] tokio_postgres::Error),
    #[error(transparent)]
    Roots(#[from] RootsError),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error("another session holds its lock")]
    InUse,
    #[error("its tables are those of a newer version")]
    Newer,
    #[error("it holds tables, and they are another program's")]
    Foreign,
    #[error("{0}")]
    Damaged(Cause),
    #[error("it was at change {was}, and is at {is}")]
    Older { was: u64, is: u64 },
    #[error("its version is {0}")]
    OldServer(String),
    #[error("its encoding is {0}")]
    Encoding(String),
    #[error("there is none in its search_path that exists")]
    NoSchema,
    #[error("it takes no writes")]
    ReadOnly,
    #[error("block {} of status list {} belongs to nobody", .0.number, .0.list)]
    UnknownBlock(BlockRef),
    #[error("what was to be changed is not there")]
    NothingToChange,
    #[error("{0}")]
    Unavailable(String),
}

impl From<PoolError> for Failure {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::PostCreateHook(HookError::Backend(error))
                if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) =>
            {
                Self::InUse
            }
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
                Self::Postgres(error)
            }
            PoolError::Timeout(_) => {
                Self::Unavailable("no connection was free or could be made in time".to_owned())
            }
            PoolError::Closed
            | PoolError::NoRuntimeSpecified
            | PoolError::PostCreateHook(HookError::Message(_)) => {
                Self::Unavailable(error.to_string())
            }
        }
    }
}

impl Failure {
    /// What cannot be read back was not written by us.
    pub(super) fn damaged(cause: impl Into<Cause>) -> Self {
        Self::Damaged(cause.into())
    }

    /// The sentence for whoever called, about the database that is called `name`.
    pub(super) fn at(self, name: &str) -> StoreError {
        let database = name.to_owned();
        StoreError::Database(match self {
            Self::Postgres(error) => postgres(database, error),
            Self::Roots(error) => DatabaseError::Roots { source: error.into() },
            Self::InUse => DatabaseError::InUse { database },
            Self::Newer => DatabaseError::Newer { database },
            Self::Foreign => DatabaseError::Foreign { database },
            Self::Damaged(source) => DatabaseError::Damaged { database, source },
            Self::Older { .. } => DatabaseError::Older { database, source: self.into() },
            Self::OldServer(version) => DatabaseError::OldServer { database, version },
            Self::Encoding(encoding) => DatabaseError::Encoding { database, encoding },
            Self::NoSchema => DatabaseError::NoSchema { database },
            Self::ReadOnly => DatabaseError::ReadOnly { database },
            Self::Json(_)
            | Self::UnknownBlock(_)
            | Self::NothingToChange
            | Self::Unavailable(_) => DatabaseError::Unavailable { database, source: self.into() },
        })
    }
}

fn postgres(database: String, error: tokio_postgres::Error) -> DatabaseError {
    let Some(code) = error.code() else { return connection(database, error) };
    let code = code.clone();
    // What the server says, without "db error" before it.
    let source = error.into_source().unwrap_or_else(|| "the server does not say".into());
    match code {
        SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            DatabaseError::Login { database, source }
        }
        SqlState::INVALID_CATALOG_NAME => DatabaseError::NoDatabase { database, source },
        SqlState::INSUFFICIENT_PRIVILEGE => DatabaseError::NoRights { database, source },
        SqlState::TOO_MANY_CONNECTIONS => DatabaseError::NoConnectionLeft { database, source },
        SqlState::DISK_FULL => DatabaseError::Full { database, source },
        SqlState::READ_ONLY_SQL_TRANSACTION => DatabaseError::ReadOnly { database },
        // Our statements are right for our tables: these are others.
        SqlState::DATA_CORRUPTED
        | SqlState::INDEX_CORRUPTED
        | SqlState::UNDEFINED_TABLE
        | SqlState::UNDEFINED_COLUMN
        | SqlState::DATATYPE_MISMATCH => DatabaseError::Damaged { database, source },
        _ => DatabaseError::Unavailable { database, source },
    }
}

/// An error that is none of the server's.
fn connection(database: String, error: tokio_postgres::Error) -> DatabaseError {
    let says = |text| chain(&error).any(|cause| cause.to_string().contains(text));
    let certificate = chain(&error)
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .filter_map(|error| error.get_ref()?.downcast_ref())
        .any(|error| matches!(error, rustls::Error::InvalidCertificate(_)));
    if certificate {
        DatabaseError::Certificate { database, source: innermost(&error) }
    } else if says("does not support TLS") {
        DatabaseError::NoTls { database }
    } else if says("password missing") {
        DatabaseError::Login { database, source: innermost(&error) }
    } else {
        DatabaseError::Unreachable { database, source: error.into() }
    }
}

fn chain(error: &tokio_postgres::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(Some(error as &(dyn Error + 'static)), |error| (*error).source())
}

fn innermost(error: &tokio_postgres::Error) -> Cause {
    chain(error).last().map(ToString::to_string).unwrap_or_default().into()
}
