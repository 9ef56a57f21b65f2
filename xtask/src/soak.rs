//! `cargo xtask soak`

use anyhow::Result;

use crate::bench::measure;

/// Look for what grows under a load of half an hour
///
/// Builds the server as it is released and runs `rescind-bench soak` on it. All arguments go there:
/// `--minutes`, `--accounts`; `cargo xtask soak -- --help` lists them. Exit status 1 if something
/// grows.
#[derive(Debug, clap::Args)]
pub(crate) struct Soak {
    /// Arguments of the soak
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

impl Soak {
    pub(crate) fn run(self) -> Result<()> {
        measure(&["soak"], self.args)
    }
}
