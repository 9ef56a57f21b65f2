//! `cargo xtask timing`

use anyhow::Result;

use crate::bench::measure;

/// Look whether the time of a refusal tells why it was refused
///
/// Builds the server as it is released and runs `rescind-bench timing` on it. All arguments go
/// there: `--tries`; `cargo xtask timing -- --help` lists them. Exit status 1 if it does.
#[derive(Debug, clap::Args)]
pub(crate) struct Timing {
    /// Arguments of the measurement
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

impl Timing {
    pub(crate) fn run(self) -> Result<()> {
        measure(&["timing"], self.args)
    }
}
