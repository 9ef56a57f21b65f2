//! What stands in `examples/` does what it says.

use anyhow::Result;

use super::interop;
use crate::process::{command, run};

/// Starts an authority, an agent and nginx, and waits until a revoked token is refused.
pub(super) fn check() -> Result<()> {
    let binary = interop::server_binary()?;
    run(command("timeout", &["--kill-after=5", "120", "examples/nginx/run.sh"]).arg(binary))
}
