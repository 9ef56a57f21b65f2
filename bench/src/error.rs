//! Why there are no figures.

use std::io;
use std::path::PathBuf;

/// Whatever ends a run. A wrong answer does, too: the speed of wrong answers is of no interest.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Server(#[from] rescind_harness::Error),
    #[error(transparent)]
    Store(#[from] rescind_store::StoreError),
    #[error("cannot {action}: {source}")]
    Io { action: &'static str, source: io::Error },
    #[error(
        "{} lies on {filesystem}, where nothing is ever written to a disk: name a directory on \
         one with --data-dir",
        directory.display()
    )]
    NotOnDisk { directory: PathBuf, filesystem: String },
    #[error("{request} was answered {status}: {body}")]
    WrongAnswer { request: &'static str, status: u16, body: String },
    #[error("the server issued something that is not a token of the documented form: {0}")]
    NoToken(String),
    #[error("two tokens were issued with the same status bit, so that revoking one revokes both")]
    SharedBit,
}

impl Error {
    /// For `map_err`: what was being done when the operating system refused.
    pub(crate) fn io<E: Into<io::Error>>(action: &'static str) -> impl Fn(E) -> Self {
        move |source| Self::Io { action, source: source.into() }
    }
}
