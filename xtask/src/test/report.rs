//! Runs one step after the other, whether or not those before it failed, and sums up.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

/// What has been run so far.
pub(crate) struct Report {
    wanted: Vec<String>,
    steps: Vec<Step>,
}

struct Step {
    name: &'static str,
    outcome: Outcome,
    took: Duration,
}

enum Outcome {
    Passed,
    Failed(anyhow::Error),
    /// For a reason that lies outside the project and this machine.
    NotPossible(String),
}

impl Report {
    /// Will run the steps whose name contains one of `wanted`; all, when there is none.
    pub(crate) fn of(wanted: Vec<String>) -> Self {
        Self { wanted, steps: Vec::new() }
    }

    /// Runs a step.
    pub(crate) fn step(
        &mut self,
        name: &'static str,
        what: &str,
        run: impl FnOnce() -> Result<()>,
    ) {
        self.step_if_possible(name, what, || run().map(|()| None));
    }

    /// Runs a step that may answer why it cannot be done here.
    pub(crate) fn step_if_possible(
        &mut self,
        name: &'static str,
        what: &str,
        run: impl FnOnce() -> Result<Option<String>>,
    ) {
        if !self.wanted.is_empty() && !self.wanted.iter().any(|part| name.contains(part.as_str())) {
            return;
        }
        println!("\n=== {name}: {what}");
        let start = Instant::now();
        let outcome = match run() {
            Ok(None) => Outcome::Passed,
            Ok(Some(reason)) => Outcome::NotPossible(reason),
            Err(error) => Outcome::Failed(error),
        };
        match &outcome {
            Outcome::Passed => {}
            Outcome::Failed(error) => println!("failed: {error:#}"),
            Outcome::NotPossible(reason) => println!("not possible here: {reason}"),
        }
        self.steps.push(Step { name, outcome, took: start.elapsed() });
    }

    /// Prints the table; status 1 if a step failed.
    pub(crate) fn close(self) -> Result<ExitCode> {
        ensure!(!self.steps.is_empty(), "no step has a name like {}", self.wanted.join(", "));
        println!("\n{:28} {:12} {:>7}", "step", "result", "seconds");
        let (mut passed, mut failed, mut skipped) = (0, 0, 0);
        for Step { name, outcome, took } in &self.steps {
            let (count, result) = match outcome {
                Outcome::Passed => (&mut passed, "passed"),
                Outcome::Failed(_) => (&mut failed, "FAILED"),
                Outcome::NotPossible(_) => (&mut skipped, "not possible"),
            };
            *count += 1;
            println!("{name:28} {result:12} {:7.1}", took.as_secs_f64());
        }
        for Step { name, outcome, .. } in &self.steps {
            match outcome {
                Outcome::Passed => {}
                Outcome::Failed(error) => println!("{name}: {error:#}"),
                Outcome::NotPossible(reason) => println!("{name}: {reason}"),
            }
        }
        let skipped = if skipped == 0 { String::new() } else { format!(", {skipped} skipped") };
        println!("\n{passed} passed, {failed} failed{skipped}");
        Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
