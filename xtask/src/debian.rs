//! Programs from Debian's packages.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context, Result, ensure};

use crate::process::{command, run, succeeds};

/// A program, and the package to install where it is missing. Asked for by program: Node.js and
/// Python may well have come from elsewhere.
pub(crate) struct Program {
    is_there: fn(&str) -> bool,
    name: &'static str,
    package: &'static str,
}

impl Program {
    /// One that is found by its name.
    pub(crate) const fn new(name: &'static str, package: &'static str) -> Self {
        Self { is_there, name, package }
    }

    /// A module of Python.
    pub(crate) const fn python_module(name: &'static str, package: &'static str) -> Self {
        let is_there =
            |name: &str| succeeds(&mut command("python3", &["-c", &format!("import {name}")]));
        Self { is_there, name, package }
    }

    /// PostgreSQL, whose server Debian keeps off the PATH, a folder for each version.
    pub(crate) const fn postgres() -> Self {
        let is_there = |name: &str| {
            let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
            versions.map(|version| version.path().join("bin")).any(|bin| bin.join(name).is_file())
        };
        Self { is_there, name: "initdb", package: "postgresql" }
    }
}

/// Installs those that are missing.
pub(crate) fn install(programs: &[Program]) -> Result<()> {
    let missing = programs.iter().filter(|program| !(program.is_there)(program.name));
    let missing: Vec<&str> = missing.map(|program| program.package).collect();
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
