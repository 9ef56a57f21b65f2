//! What came of a target, by what libFuzzer wrote.

use std::process::ExitCode;

/// The end of a run of a target.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) target: String,
    succeeded: bool,
    /// How many inputs were tried, and how many in a second.
    inputs: Option<u64>,
    per_second: Option<u64>,
    /// How much of the code was reached, in edges.
    coverage: Option<u64>,
    /// The file with the input that it fails on.
    found: Option<String>,
    /// Where all of it stands.
    log: String,
}

impl Outcome {
    /// Reads what libFuzzer and `cargo fuzz` have written.
    pub(crate) fn read(target: &str, succeeded: bool, text: &str, log: String) -> Self {
        let stat = |name: &str| {
            let value =
                text.lines().find_map(|line| line.strip_prefix("stat::")?.strip_prefix(name));
            value?.trim_start_matches(':').trim().parse().ok()
        };
        let coverage = text.lines().rev().find_map(|line| {
            let (_, rest) = line.split_once(" cov: ")?;
            rest.split(' ').next()?.parse().ok()
        });
        let found = text.lines().find_map(|line| {
            let (_, file) = line.split_once("Test unit written to ")?;
            // `cargo fuzz` names the folder by its whole path.
            Some(file.rfind("fuzz/artifacts/").map_or(file, |start| &file[start..]).to_owned())
        });
        Self {
            target: target.to_owned(),
            succeeded,
            inputs: stat("number_of_executed_units"),
            per_second: stat("average_exec_per_sec"),
            coverage,
            found,
            log,
        }
    }

    pub(crate) fn verdict(&self) -> String {
        match &self.found {
            Some(file) => format!("FAILED on {file}"),
            None if self.succeeded => "nothing found".to_owned(),
            None => format!("FAILED without an input: see {}", self.log),
        }
    }

    /// A run may find something and go on.
    fn is_clean(&self) -> bool {
        self.succeeded && self.found.is_none()
    }
}

/// Prints the table and the verdict; status 1 if a target failed.
pub(crate) fn report(outcomes: &[Outcome]) -> ExitCode {
    println!("\n{:20} {:>12} {:>9} {:>8}  verdict", "target", "inputs", "/ s", "edges");
    for outcome in outcomes {
        let Outcome { target, inputs, per_second, coverage, .. } = outcome;
        let [inputs, per_second, coverage] = [inputs, per_second, coverage]
            .map(|figure| figure.map_or_else(|| "?".to_owned(), |figure| figure.to_string()));
        println!("{target:20} {inputs:>12} {per_second:>9} {coverage:>8}  {}", outcome.verdict());
    }
    let failed: Vec<_> = outcomes.iter().filter(|outcome| !outcome.is_clean()).collect();
    for Outcome { target, log, found, .. } in &failed {
        let again = found.as_deref().map_or_else(String::new, |file| {
            format!(", and again by `RUSTC_BOOTSTRAP=1 cargo fuzz run {target} {file}`")
        });
        println!("\n{target}: what happened stands at the end of {log}{again}");
    }
    println!("\n{} targets, {} failed", outcomes.len(), failed.len());
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLEAN: &str = "#2\tINITED cov: 96 ft: 97 corp: 1/1b exec/s: 0 rss: 42Mb\n\
        #983040\tREDUCE cov: 412 ft: 1532 corp: 201/9Kb lim: 4096 exec/s: 49152 rss: 512Mb L: 9/9\n\
        Done 1007633 runs in 21 second(s)\n\
        stat::number_of_executed_units: 1007633\n\
        stat::average_exec_per_sec:     47982\n\
        stat::new_units_added:          12\n";

    #[test]
    fn a_run_that_found_nothing_is_clean_and_its_figures_are_read() {
        let outcome = Outcome::read("t", true, CLEAN, "t.log".to_owned());
        let Outcome { inputs, per_second, coverage, .. } = outcome;
        assert_eq!((inputs, per_second, coverage), (Some(1_007_633), Some(47_982), Some(412)));
        assert!(outcome.is_clean());
        assert_eq!(outcome.verdict(), "nothing found");
    }

    #[test]
    fn what_it_fails_on_is_named_by_its_file() {
        let text = "thread panicked\n\
            artifact_prefix='/w/fuzz/artifacts/t/'; Test unit written to /w/fuzz/artifacts/t/crash-0a\n\
            Base64: AA==\n";
        for succeeded in [true, false] {
            let outcome = Outcome::read("t", succeeded, text, "t.log".to_owned());
            assert!(!outcome.is_clean());
            assert_eq!(outcome.verdict(), "FAILED on fuzz/artifacts/t/crash-0a");
        }
    }

    #[test]
    fn whatever_else_makes_it_fail_is_not_taken_for_success() {
        let outcome = Outcome::read("t", false, "cannot build", "t.log".to_owned());
        assert!(!outcome.is_clean());
        assert_eq!(outcome.verdict(), "FAILED without an input: see t.log");
    }
}
