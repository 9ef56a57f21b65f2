//! Subcommands of Cargo that do not come with the toolchain.

use anyhow::{Context, Result};

use crate::process::{cargo, run, succeeds};

/// Builds and installs `cargo-NAME` in this version unless some version of it is there.
pub(crate) fn ensure(name: &str, version: &str) -> Result<()> {
    if succeeds(&mut cargo(&[name, "--version"])) {
        println!("cargo-{name} is installed");
        return Ok(());
    }
    let package = format!("cargo-{name}");
    run(&mut cargo(&["install", "--locked", &package, "--version", version]))
        .with_context(|| format!("{package} is missing and could not be installed"))
}
