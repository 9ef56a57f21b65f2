//! What `cargo deny` has to say of the dependencies, by the rules of `deny.toml`.

use anyhow::Result;

use crate::process::{cargo, run, succeeds};

/// The version that is installed where there is none.
pub(crate) const CARGO_DENY: &str = "0.20.2";

/// Duplicates, licences and sources.
pub(crate) fn check() -> Result<()> {
    run(&mut cargo(&["deny", "--locked", "check", "bans", "licenses", "sources"]))?;
    // Nothing of the Rust client is shipped: only where its dependencies come from matters.
    let oauth2_rs = ["deny", "--locked", super::OAUTH2_RS, "--config=deny.toml"];
    run(cargo(&oauth2_rs).args(["check", "sources"]))
}

/// Known vulnerabilities. The answer, if there is one, says why they could not be looked up.
pub(crate) fn check_advisories() -> Result<Option<String>> {
    if !succeeds(&mut cargo(&["deny", "--locked", "fetch", "db"])) {
        let reason = "the RustSec advisory database cannot be reached from this machine, so known \
                      vulnerabilities were NOT looked up; run `cargo deny check advisories` where \
                      it can";
        return Ok(Some(reason.to_owned()));
    }
    run(&mut cargo(&["deny", "--locked", "check", "advisories"]))?;
    Ok(None)
}
