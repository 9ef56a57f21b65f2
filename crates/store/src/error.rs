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
}

/// What the database or the system said, for the operator's log.
pub type Cause = Box<dyn Error + Send + Sync>;
