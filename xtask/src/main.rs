//! The project's own commands: `cargo xtask test | bench | crash | fuzz | soak | timing`.
#![allow(clippy::print_stdout, reason = "a command for developers, who read what it prints")]

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;

mod bench;
mod cargo_tool;
mod crash;
mod debian;
mod fuzz;
mod process;
mod soak;
mod test;
mod timing;

/// The project's own commands
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Command {
    Test(test::Test),
    Bench(bench::Bench),
    Crash(crash::Crash),
    Fuzz(fuzz::Fuzz),
    Soak(soak::Soak),
    Timing(timing::Timing),
}

fn main() -> anyhow::Result<ExitCode> {
    let command = Command::parse();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::env::set_current_dir(&root)
        .with_context(|| format!("cannot enter the project's root {}", root.display()))?;
    match command {
        Command::Test(test) => test.run(),
        Command::Bench(bench) => bench.run().map(|()| ExitCode::SUCCESS),
        Command::Crash(crash) => crash.run().map(|()| ExitCode::SUCCESS),
        Command::Fuzz(fuzz) => fuzz.run(),
        Command::Soak(soak) => soak.run().map(|()| ExitCode::SUCCESS),
        Command::Timing(timing) => timing.run().map(|()| ExitCode::SUCCESS),
    }
}
