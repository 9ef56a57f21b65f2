//! `cargo xtask test`

use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::debian::{self, Program};
use crate::process::{cargo, command, run, succeeds};
use crate::{cargo_tool, process};

mod dependencies;
mod examples;
mod interop;
mod layers;
mod report;
mod schemathesis;
mod threats;

use report::Report;

const PROGRAMS: &[Program] = &[
    Program::new("curl", "curl"),
    Program::new("jq", "jq"),
    Program::new("mkfs.ext4", "e2fsprogs"),
    Program::new("nginx", "nginx-light"),
    Program::new("node", "nodejs"),
    Program::new("npm", "npm"),
    Program::postgres(),
    Program::new("python3", "python3"),
    // `venv` itself is there without its package; what it has to unpack is not.
    Program::python_module("ensurepip", "python3-venv"),
    Program::new("strace", "strace"),
];

const OAUTH2_RS: &str = "--manifest-path=interop/oauth2-rs/Cargo.toml";

/// Set up what is missing and run every test
///
/// Ends with a table of the steps; exit status 1 if one of them failed. Without arguments every
/// step runs; with some, the steps whose name contains one of them: `cargo xtask test set-up curl`.
#[derive(Debug, clap::Args)]
pub(crate) struct Test {
    /// Parts of the names of the steps to run
    #[arg(value_name = "STEP")]
    steps: Vec<String>,
}

impl Test {
    pub(crate) fn run(self) -> Result<ExitCode> {
        let mut report = Report::of(self.steps);
        report.step("set-up/debian", "programs that the tests run", || debian::install(PROGRAMS));
        report.step("set-up/npm", "the clients for Node.js", || {
            npm("interop/mcp-atlas-api-client")?;
            npm("interop/openid-client")?;
            npm("interop/status-list")
        });
        report.step("set-up/python", "the clients for Python", || {
            interop::PYTHON.into_iter().try_for_each(python)
        });
        report.step("set-up/cargo-deny", "the auditor of dependencies", || {
            cargo_tool::ensure("deny", dependencies::CARGO_DENY)
        });
        report.step("format", "rustfmt would change nothing", format);
        report.step("clippy", "no lint has anything to say", clippy);
        report.step("tests", "all tests but those in the documentation", || {
            run(&mut cargo(&["test", "--workspace", "--all-targets", "--no-fail-fast"]))
        });
        report.step("doc-tests", "the examples in the documentation", || {
            run(&mut cargo(&["test", "--workspace", "--doc", "--no-fail-fast"]))
        });
        report.step("docs", "the documentation builds and no link in it is broken", || {
            let args = ["doc", "--workspace", "--no-deps", "--document-private-items"];
            run(cargo(&args).env("RUSTDOCFLAGS", "-D warnings"))
        });
        report.step("layers", "crates import in the direction of the design only", layers::check);
        report.step("threats", "every test that docs/security.md names exists", threats::check);
        report.step("dependencies", "duplicates, licences and sources", dependencies::check);
        report.step_if_possible(
            "advisories",
            "no dependency has a known vulnerability",
            dependencies::check_advisories,
        );
        for client in interop::CLIENTS {
            report.step(client.name, client.what, || client.run());
        }
        report.step("examples", "nginx and the agent refuse a revoked token", examples::check);
        report.step(
            "interop/schemathesis",
            "schemathesis, on every operation of the server's own description",
            schemathesis::run,
        );
        report.close()
    }
}

fn npm(folder: &str) -> Result<()> {
    run(command("npm", &["ci", "--no-audit", "--no-fund"]).current_dir(folder))
}

fn python(folder: &str) -> Result<()> {
    let environment = format!("{folder}/.venv");
    let pip = format!("{environment}/bin/pip");
    if !succeeds(&mut command(&pip, &["--version"])) {
        run(&mut command("python3", &["-m", "venv", "--clear", &environment]))?;
    }
    let requirements = format!("{folder}/requirements.txt");
    run(&mut command(
        pip,
        &["install", "--quiet", "--require-hashes", "--requirement", &requirements],
    ))
}

fn format() -> Result<()> {
    run(&mut cargo(&["fmt", "--all", "--check"]))?;
    run(&mut cargo(&["fmt", "--check", OAUTH2_RS]))?;
    run(&mut cargo(&["fmt", "--check", "--manifest-path=fuzz/Cargo.toml"]))
}

fn clippy() -> Result<()> {
    run(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    let target = interop::OAUTH2_RS_TARGET;
    run(&mut cargo(&["clippy", OAUTH2_RS, "--target-dir", target, "--", "-D", "warnings"]))
}

/// What `cargo metadata` says of the workspace.
fn metadata() -> Result<serde_json::Value> {
    let args = ["metadata", "--format-version=1", "--no-deps", "--offline"];
    serde_json::from_slice(&process::output(&mut cargo(&args))?)
        .context("`cargo metadata` does not print JSON")
}
