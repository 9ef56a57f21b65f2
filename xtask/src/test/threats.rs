//! Every test that docs/security.md names exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

const PAGE: &str = "docs/security.md";

/// Names are told from other words in backticks by their length: a test's is a sentence.
const SHORTEST: usize = 20;

pub(super) fn check() -> Result<()> {
    let page = fs::read_to_string(PAGE).with_context(|| format!("{PAGE} cannot be read"))?;
    let mut tests = BTreeSet::new();
    collect(Path::new("crates"), &mut tests)?;
    let missing: Vec<_> = named(&page).filter(|name| !tests.contains(*name)).collect();
    ensure!(missing.is_empty(), "{PAGE} names tests that there are not: {}", missing.join(", "));
    println!("{} tests, all of them there", named(&page).count());
    Ok(())
}

fn named(page: &str) -> impl Iterator<Item = &str> {
    let rows = page.lines().filter(|line| line.starts_with('|'));
    let quoted = rows.flat_map(|row| row.split('`').skip(1).step_by(2));
    quoted.filter(|name| {
        let of_a_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        name.len() >= SHORTEST && name.chars().all(of_a_name)
    })
}

/// The names of all functions below `dir`.
fn collect(dir: &Path, tests: &mut BTreeSet<String>) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, tests)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path)?;
            let after = source.split("fn ").skip(1);
            tests.extend(after.filter_map(|rest| rest.split(['(', '<']).next()).map(str::to_owned));
            // Those of the store's contract are listed, one a line.
            tests.extend(
                source.lines().map(|line| line.trim().trim_end_matches([',', ';']).to_owned()),
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_name_is_a_sentence_in_backticks_in_a_row() {
        let page = "`a_sentence_outside_of_any_row`\n| x | `exp` `a_hint_never_keeps_a_token_alive`, `what_of_it_that_is_long` |";
        let names: Vec<_> = named(page).collect();
        assert_eq!(names, ["a_hint_never_keeps_a_token_alive", "what_of_it_that_is_long"]);
    }
}
