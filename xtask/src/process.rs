//! Runs other programs and says which.

use std::ffi::OsStr;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// `cargo` with these arguments.
pub(crate) fn cargo(args: &[&str]) -> Command {
    command("cargo", args)
}

/// `program` with these arguments.
pub(crate) fn command(program: impl AsRef<OsStr>, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args);
    command
}

/// Prints the command line, runs it to its end, and fails when it does.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = line(command);
    println!("$ {line}");
    let status = command.status().with_context(|| format!("cannot run `{line}`"))?;
    ensure!(status.success(), "`{line}` ended with {status}");
    Ok(())
}

/// Whether the command can be run and succeeds, quietly.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// What the command writes to its standard output.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>> {
    let line = line(command);
    let output = command.output().with_context(|| format!("cannot run `{line}`"))?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`{line}` ended with {}\n{complaint}", output.status);
    Ok(output.stdout)
}

/// The command line without its environment, which may hold secrets.
fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
