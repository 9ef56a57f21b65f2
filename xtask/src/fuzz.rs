//! `cargo xtask fuzz`

use std::num::NonZeroU32;

use anyhow::{Context, Result, ensure};

use crate::cargo_tool;
use crate::process::{cargo, output, run};

const CARGO_FUZZ: &str = "0.13.2";

/// Run every fuzz target of `fuzz/`
#[derive(Debug, clap::Args)]
pub(crate) struct Fuzz {
    /// How long, for each target
    #[arg(long, value_name = "N")]
    seconds: NonZeroU32,
}

impl Fuzz {
    pub(crate) fn run(self) -> Result<()> {
        cargo_tool::ensure("fuzz", CARGO_FUZZ)?;
        let targets = String::from_utf8(output(&mut cargo(&["fuzz", "list"]))?)
            .context("`cargo fuzz list` does not print text")?;
        ensure!(!targets.trim().is_empty(), "there is no target in fuzz/");
        let time = format!("-max_total_time={}", self.seconds);
        for target in targets.lines() {
            // The instrumentation is unstable; this is how a stable toolchain lets it through.
            run(cargo(&["fuzz", "run", target, "--", &time]).env("RUSTC_BOOTSTRAP", "1"))?;
        }
        Ok(())
    }
}
