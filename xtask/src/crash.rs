//! `cargo xtask crash`

use std::num::NonZeroU32;

use anyhow::Result;

use crate::process::{cargo, run};

/// Kill the server, or cut its power, many times over
///
/// The same tests as `cargo xtask test` runs, with more rounds, on the server as it is released.
#[derive(Debug, clap::Args)]
pub(crate) struct Crash {
    /// How often
    #[arg(long, value_name = "N")]
    rounds: NonZeroU32,
    /// Lose what the kernel has not written to the disk, too; needs root and loop devices
    #[arg(long)]
    power_cut: bool,
}

impl Crash {
    pub(crate) fn run(self) -> Result<()> {
        let which = if self.power_cut { "power_cut" } else { "kill" };
        let mut crash = cargo(&["test", "--release", "--package", "rescind", "--test", "crash"]);
        crash.args(["--", which, "--nocapture"]);
        run(crash.env("RESCIND_CRASH_ROUNDS", self.rounds.to_string()))
    }
}
