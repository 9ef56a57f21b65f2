//! Tells the version header which commit this was built from.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-env-changed=RESCIND_GIT_HASH");
    println!("cargo::rerun-if-changed=../../.git/HEAD");
    println!("cargo::rerun-if-changed=../../.git/refs/heads");
    // A source archive has no git: whoever packages it may name the commit.
    let hash = std::env::var("RESCIND_GIT_HASH").ok().or_else(from_git);
    println!("cargo::rustc-env=RESCIND_GIT_HASH={}", hash.as_deref().unwrap_or("unknown"));
}

fn from_git() -> Option<String> {
    let output = Command::new("git").args(["rev-parse", "HEAD"]).output().ok()?;
    let hash = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| hash.trim().to_owned())
}
