//! schemathesis: calls made up from the description that the server gives of itself, and a look at
//! whether the answers are as described.

use anyhow::{Context, Result};
use rescind_harness::{Installation, Server};

use super::interop;
use crate::process::command;

/// It stops by itself after the time in its configuration; what it began then it finishes.
const PATIENCE: u32 = 600;

/// Starts a server on a new data directory and runs it against that.
pub(crate) fn run() -> Result<()> {
    let binary = interop::server_binary()?;
    let folder = tempfile::tempdir().context("cannot make a temporary directory")?;
    let data_dir = folder.path().join("data");
    let installation = Installation::init(&binary, &data_dir)?;
    // Nearly every call has an account of its own.
    let server = Server::builder(&binary, &data_dir)
        .unlimited()
        .arg("--service-account-limit")
        .arg("1000000")
        .start()?;
    let configuration = "--config-file=interop/schemathesis/schemathesis.toml";
    let mut schemathesis = command("interop/schemathesis/.venv/bin/schemathesis", &[configuration]);
    schemathesis.arg("run").arg(format!("{}/openapi.json", server.url()));
    interop::judge(
        interop::configured(&schemathesis, server.url(), &installation, PATIENCE),
        server,
    )
}
