//! `cargo xtask fuzz`

use std::fs;
use std::num::NonZeroU32;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::cargo_tool;
use crate::debian::{self, Program};
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
        // libFuzzer is written in it.
        debian::install(&[Program::new("c++", "g++")])?;
        cargo_tool::ensure("fuzz", CARGO_FUZZ)?;
        let targets = String::from_utf8(output(&mut cargo(&["fuzz", "list"]))?)
            .context("`cargo fuzz list` does not print text")?;
        ensure!(!targets.trim().is_empty(), "there is no target in fuzz/");
        let time = format!("-max_total_time={}", self.seconds);
        for target in targets.lines() {
            // New inputs go to the first folder; the second is part of the project.
            let corpus = format!("fuzz/corpus/{target}");
            let seeds = format!("fuzz/seeds/{target}");
            fs::create_dir_all(&corpus).with_context(|| format!("cannot make {corpus}"))?;
            let mut fuzz = cargo(&["fuzz", "run", target, &corpus]);
            if Path::new(&seeds).is_dir() {
                fuzz.arg(seeds);
            }
            // The instrumentation is unstable; this is how a stable toolchain lets it through.
            run(fuzz.args(["--", &time]).env("RUSTC_BOOTSTRAP", "1"))?;
        }
        Ok(())
    }
}
