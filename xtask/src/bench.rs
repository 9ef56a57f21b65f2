//! `cargo xtask bench`

use anyhow::Result;

use crate::process::{cargo, run};

/// Measure the server on this machine
///
/// Builds the server as it is released and runs the benchmark of `bench/` against it. All
/// arguments go to the benchmark; `cargo xtask bench -- --help` lists them.
#[derive(Debug, clap::Args)]
pub(crate) struct Bench {
    /// Arguments of the benchmark
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

impl Bench {
    pub(crate) fn run(self) -> Result<()> {
        run(&mut cargo(&["build", "--release", "--package", "rescind"]))?;
        run(cargo(&["run", "--release", "--package", "rescind-bench", "--"]).args(self.args))
    }
}
