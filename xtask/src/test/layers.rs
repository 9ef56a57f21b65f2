//! Who may import whom: http → authority → {core, store}, store → core.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// Each crate of the workspace and the ones of ours that it may import.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("rescind-core", &[]),
    ("rescind-store", &["rescind-core"]),
    ("rescind-authority", &["rescind-core", "rescind-store"]),
    ("rescind-http", &["rescind-authority", "rescind-core"]),
    ("rescind-verifier", &["rescind-core"]),
    (
        "rescind",
        &["rescind-authority", "rescind-core", "rescind-http", "rescind-store", "rescind-verifier"],
    ),
    ("rescind-harness", &[]),
    ("rescind-bench", &["rescind-core", "rescind-store", HARNESS]),
    ("xtask", &[HARNESS]),
];

/// Any test may start the server, which is what it is for.
const HARNESS: &str = "rescind-harness";

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
    /// Where it lies, if it is one of ours.
    path: Option<String>,
}

/// Fails when a `Cargo.toml` imports in another direction.
pub(crate) fn check() -> Result<()> {
    let packages = super::metadata()?["packages"].take();
    let packages: Vec<Package> =
        serde_json::from_value(packages).context("`cargo metadata` names its fields otherwise")?;
    let wrong = wrong_edges(&packages);
    for package in &packages {
        println!("{} → {}", package.name, imports_of(package).join(", "));
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("; "));
    Ok(())
}

fn wrong_edges(packages: &[Package]) -> Vec<String> {
    let mut wrong = Vec::new();
    for package in packages {
        let Some(allowed) = allowed(&package.name) else {
            wrong.push(format!("{} has no line in the table of layers.rs", package.name));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|one| one.path.is_some()) {
            let name = dependency.name.as_str();
            let fine = allowed.contains(&name)
                || dependency.kind.as_deref() == Some("dev")
                    && (name == HARNESS || below(&package.name).contains(name));
            if !fine {
                wrong.push(format!("{} must not import {name}", package.name));
            }
        }
    }
    wrong
}

fn allowed(name: &str) -> Option<&'static [&'static str]> {
    MAY_IMPORT.iter().find(|(importer, _)| *importer == name).map(|(_, allowed)| *allowed)
}

/// All that lies below a crate: what its tests may set up.
fn below(name: &str) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    for import in allowed(name).unwrap_or_default() {
        found.insert(*import);
        found.extend(below(import));
    }
    found
}

fn imports_of(package: &Package) -> Vec<&str> {
    let ours = package.dependencies.iter().filter(|one| one.path.is_some());
    ours.filter(|one| one.kind.is_none()).map(|one| one.name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, kind: Option<&str>, import: &str) -> Package {
        let dependency = Dependency {
            name: import.to_owned(),
            kind: kind.map(str::to_owned),
            path: Some(format!("/{import}")),
        };
        Package { name: name.to_owned(), dependencies: vec![dependency] }
    }

    #[test]
    fn only_the_edges_of_the_design_pass() {
        for (name, kind, import, fine) in [
            ("rescind-authority", None, "rescind-store", true),
            ("rescind-store", None, "rescind-authority", false),
            ("rescind-core", None, "rescind-store", false),
            ("rescind-http", None, "rescind-store", false),
            ("rescind-http", Some("build"), "rescind-store", false),
            ("rescind-http", Some("dev"), "rescind-store", true),
            ("rescind-store", Some("dev"), "rescind-http", false),
            ("rescind-authority", Some("dev"), HARNESS, true),
            ("rescind-authority", None, HARNESS, false),
        ] {
            let wrong = wrong_edges(&[package(name, kind, import)]);
            assert_eq!(wrong.is_empty(), fine, "{name} imports {import} ({kind:?}): {wrong:?}");
        }
    }

    #[test]
    fn a_crate_that_is_not_in_the_table_is_refused() {
        let wrong = wrong_edges(&[package("rescind-new", None, "rescind-core")]);
        assert_eq!(wrong, ["rescind-new has no line in the table of layers.rs"]);
    }
}
