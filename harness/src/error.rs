//! What can go wrong between a test and the process under test.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

use hyper::StatusCode;

/// Why the process, or a request to it, did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The binary could not be run at all.
    #[error("cannot run {}: {source}", binary.display())]
    Run {
        /// The file that was to be run.
        binary: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// `rescind init` failed, or printed something else than one JSON object.
    #[error("`rescind init` ended with {status}\nstdout: {stdout}\nstderr: {stderr}")]
    Init {
        /// How it ended.
        status: ExitStatus,
        /// What it printed.
        stdout: String,
        /// What it complained about.
        stderr: String,
    },
    /// A server ended before it listened.
    #[error("the server ended with {status} before it listened\n{output}")]
    Ended {
        /// How it ended.
        status: ExitStatus,
        /// All that it wrote.
        output: String,
    },
    /// A server that was to refuse to start, in one sentence and with exit status 1, did not.
    #[error("the server did not refuse to start in one sentence\n{0}")]
    NoRefusal(String),
    /// The process did not do something in time.
    #[error("the server did not {what} within {seconds} s\n{output}")]
    TooSlow {
        /// What was waited for.
        what: &'static str,
        /// For how long.
        seconds: u64,
        /// All that it wrote.
        output: String,
    },
    /// The process could not be signalled or waited for.
    #[error("cannot control the process: {0}")]
    Control(#[from] io::Error),
    /// A certificate could not be made or used.
    #[error("no certificate: {0}")]
    Certificate(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No answer: the connection was refused or broke. What was asked may have been done.
    #[error("no answer: {0}")]
    NoAnswer(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// An answer that the caller had no use for.
    #[error("{request} was answered {status}: {body}")]
    Unexpected {
        /// Which request.
        request: &'static str,
        /// The status of the answer.
        status: StatusCode,
        /// Its body.
        body: String,
    },
}
