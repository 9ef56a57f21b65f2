//! The log, on standard error.

use std::{
    env,
    io::{self, IsTerminal as _},
};

use anyhow::anyhow;
use serde::Deserialize;
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

/// Which variables may hold a filter like `info,rescind_http=debug`; the first one that is set
/// counts.
const FILTERS: [&str; 2] = ["RESCIND_LOG", "RUST_LOG"];

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object.
    Json,
}

/// Starts to write the log of this process.
///
/// # Errors
///
/// A filter in the environment is not understood.
pub(crate) fn start(format: LogFormat) -> anyhow::Result<()> {
    let log = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_env_filter(filter()?)
        // It would report them on standard error, and panic if that is what failed.
        .log_internal_errors(false);
    match format {
        LogFormat::Json => log.json().flatten_event(true).init(),
        LogFormat::Text if io::stderr().is_terminal() => log.init(),
        LogFormat::Text => log.with_ansi(false).init(),
    }
    Ok(())
}

fn filter() -> anyhow::Result<EnvFilter> {
    let builder = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into());
    for name in FILTERS {
        if let Some(text) = env::var_os(name) {
            return builder
                .parse(text.to_string_lossy())
                .map_err(|error| anyhow!("{name} is not a filter for the log: {error}"));
        }
    }
    Ok(builder.parse_lossy(""))
}
