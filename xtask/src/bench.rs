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
        measure(&[], self.args)
    }
}

/// Builds the server as it is released, and runs a command of the benchmark on it.
pub(crate) fn measure(command: &[&str], args: Vec<String>) -> Result<()> {
    run(&mut cargo(&["build", "--release", "--package", "rescind"]))?;
    let bench = &mut cargo(&["run", "--release", "--package", "rescind-bench", "--"]);
    run(bench.args(command).args(args))
}
