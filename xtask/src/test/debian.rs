//! The programs that the tests run, from Debian's packages.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context, Result, ensure};

use crate::process::{command, run, succeeds};

/// A program, and the package that has it. Asked for by program: Node.js and Python may well have
/// come from elsewhere.
const PROGRAMS: &[(&str, &str)] = &[
    ("curl", "curl"),
    ("jq", "jq"),
    ("mkfs.ext4", "e2fsprogs"),
    ("node", "nodejs"),
    ("npm", "npm"),
    ("openssl", "openssl"),
    ("python3", "python3"),
    ("stunnel4", "stunnel4"),
];

/// Installs what is missing.
pub(crate) fn install() -> Result<()> {
    let mut missing: Vec<&str> = PROGRAMS
        .iter()
        .filter(|(program, _)| !is_there(program))
        .map(|&(_, package)| package)
        .collect();
    // `venv` itself is there without the package; what it has to unpack is not.
    if !succeeds(&mut command("python3", &["-c", "import ensurepip, venv"])) {
        missing.push("python3-venv");
    }
    if missing.is_empty() {
        println!("everything is installed");
        return Ok(());
    }
    let list = missing.join(", ");
    ensure!(is_there("apt-get"), "missing, and there is no apt-get to install it with: {list}");
    let install = [&["install", "--yes", "--no-install-recommends"], &*missing].concat();
    apt_get(&["update"]).and_then(|()| apt_get(&install)).with_context(|| {
        format!("missing, and could not be installed: {list}; install it, then run this again")
    })
}

fn apt_get(args: &[&str]) -> Result<()> {
    let mut words = vec!["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"];
    if fs::metadata("/proc/self").context("cannot tell who runs this")?.uid() != 0 {
        words.splice(0..0, ["sudo", "--non-interactive"]);
    }
    run(command(words[0], &words[1..]).args(args))
}

fn is_there(program: &str) -> bool {
    // Debian keeps the programs of administrators off the PATH of everybody else.
    let administrators = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).chain(administrators).any(|folder| folder.join(program).is_file())
}
