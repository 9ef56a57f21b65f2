//! The command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use crate::soak;
use crate::speed::Endpoint;
use crate::timing;

/// A subcommand, or what is measured without one.
#[derive(Debug, clap::Parser)]
#[command(args_conflicts_with_subcommands = true, about, long_about)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) speed: Options,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Soak(soak::Options),
    Timing(timing::Options),
}

/// Measure a running rescind against its own endpoint that does nothing
///
/// Starts the server on an empty store and checks every answer: one wrong answer, and there are no
/// figures. Exit status: 0 the figures are printed, targets reached or not; 1 there are none.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The server to measure, built with --release
    #[arg(long, value_name = "FILE", default_value = "target/release/rescind")]
    pub(crate) binary: PathBuf,

    /// How long one slice takes
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    pub(crate) seconds: Duration,

    /// How many slices each figure is the median of
    #[arg(long, value_name = "COUNT", default_value = "5")]
    pub(crate) slices: NonZeroUsize,

    /// Numbers of connections, each with one request in flight
    #[arg(long, value_name = "COUNTS", value_delimiter = ',', default_value = "1,16,64")]
    pub(crate) connections: Vec<NonZeroUsize>,

    /// Measure only these
    #[arg(long, value_name = "PARTS", value_delimiter = ',',
          default_values_t = [Part::Issue, Part::Revoke, Part::Introspect])]
    only: Vec<Part>,

    /// Measure the memory that issued tokens take, too
    #[arg(long)]
    memory: bool,

    /// How many tokens are issued to measure memory
    #[arg(long, value_name = "COUNT", default_value = "1000000")]
    pub(crate) tokens: u64,

    /// Measure a server with so many service accounts beside one with ten, and nothing else
    #[arg(long, value_name = "COUNT", conflicts_with_all = ["only", "memory", "tokens"])]
    pub(crate) accounts: Option<NonZeroUsize>,

    /// Where the server keeps its data meanwhile; on a disk
    #[arg(long, value_name = "DIR", default_value = "target/bench-data")]
    pub(crate) data_dir: PathBuf,

    /// Write the figures of every slice to this file, too
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,

    /// More arguments for `rescind serve`
    #[arg(last = true, value_name = "SERVE_ARGS")]
    pub(crate) serve_args: Vec<String>,
}

/// What `--only` can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    Issue,
    Revoke,
    Introspect,
    Memory,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Issue => "issue",
            Self::Revoke => "revoke",
            Self::Introspect => "introspect",
            Self::Memory => "memory",
        })
    }
}

impl Options {
    /// The endpoints that are compared with `/healthz`.
    pub(crate) fn endpoints(&self) -> Vec<Endpoint> {
        let endpoint = |part: &Part| match part {
            Part::Issue => Some(Endpoint::Issue),
            Part::Revoke => Some(Endpoint::Revoke),
            Part::Introspect => Some(Endpoint::Introspect),
            Part::Memory => None,
        };
        self.only.iter().filter_map(endpoint).collect()
    }

    /// As many connections as are measured at the most.
    pub(crate) fn most_connections(&self) -> usize {
        self.connections.iter().copied().map(usize::from).max().unwrap_or(1)
    }

    pub(crate) fn measures_memory(&self) -> bool {
        self.memory || self.only.contains(&Part::Memory)
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| "give a number of seconds above 0, for example 0.5".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn try_parse(arguments: &[&str]) -> Result<CommandLine, clap::Error> {
        CommandLine::try_parse_from([&["rescind-bench"], arguments].concat())
    }

    fn parse(arguments: &[&str]) -> Options {
        try_parse(arguments).unwrap().speed
    }

    #[test]
    fn all_endpoints_are_measured_unless_told_otherwise_and_memory_only_when_told() {
        let all = [Endpoint::Issue, Endpoint::Revoke, Endpoint::Introspect];
        assert_eq!(parse(&[]).endpoints(), all);
        assert!(!parse(&[]).measures_memory());
        assert_eq!(parse(&["--memory"]).endpoints(), all);
        assert!(parse(&["--memory"]).measures_memory());

        let only_memory = parse(&["--only", "memory"]);
        assert!(only_memory.endpoints().is_empty() && only_memory.measures_memory());
    }

    #[test]
    fn many_accounts_are_measured_alone_and_with_the_most_connections() {
        let options = parse(&["--accounts", "1000000"]);
        assert_eq!(options.accounts, NonZeroUsize::new(1_000_000));
        assert_eq!(options.most_connections(), 64);
        assert!(try_parse(&["--accounts", "10", "--memory"]).is_err());
        assert!(try_parse(&["--accounts", "0"]).is_err());
    }

    #[test]
    fn what_follows_two_dashes_is_for_the_server() {
        let options = parse(&["--slices", "3", "--", "--log-format", "json"]);
        assert_eq!(options.serve_args, ["--log-format", "json"]);
    }
}
