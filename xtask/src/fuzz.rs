//! `cargo xtask fuzz`

use std::fs::{self, File};
use std::num::NonZeroU32;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::thread;

use anyhow::{Context, Result, ensure};

use crate::cargo_tool;
use crate::debian::{self, Program};
use crate::process::{cargo, output, run};

mod outcome;

use outcome::Outcome;

const CARGO_FUZZ: &str = "0.13.2";

/// An input that takes longer is a fault: a hundred thousand times as long as usual ones.
const INPUT_SECONDS: u32 = 20;

/// Run the fuzz targets of `fuzz/`
///
/// As many at a time as there are cores, each on a core. Ends with a table and a verdict; exit
/// status 1 if an input was found that a target fails on. That input is kept and named, and
/// fuzz/README.md says how to make a test of it. Without arguments every target runs; with some,
/// those whose name contains one of them.
#[derive(Debug, clap::Args)]
pub(crate) struct Fuzz {
    /// How long, for each target
    #[arg(long, value_name = "N")]
    seconds: NonZeroU32,
    /// Parts of the names of the targets to run
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
}

impl Fuzz {
    pub(crate) fn run(self) -> Result<ExitCode> {
        // libFuzzer is written in it.
        debian::install(&[Program::new("c++", "g++")])?;
        cargo_tool::ensure("fuzz", CARGO_FUZZ)?;
        let listed = String::from_utf8(output(&mut cargo(&["fuzz", "list"]))?)
            .context("`cargo fuzz list` does not print text")?;
        let is_wanted = |name: &&str| {
            self.targets.is_empty() || self.targets.iter().any(|part| name.contains(part.as_str()))
        };
        let targets: Vec<&str> = listed.lines().filter(is_wanted).collect();
        ensure!(
            !targets.is_empty(),
            "no target in fuzz/ has a name like {}",
            self.targets.join(", ")
        );
        run(&mut unstable(cargo(&["fuzz", "build"])))?;

        let at_a_time = thread::available_parallelism().map_or(1, usize::from);
        println!("{} targets, {at_a_time} at a time, {} s each", targets.len(), self.seconds);
        let waiting = Mutex::new(targets.iter());
        let next = || waiting.lock().ok()?.next();
        let work = || -> Vec<Result<Outcome>> {
            std::iter::from_fn(next).map(|target| self.fuzz(target)).collect()
        };
        let mut outcomes = thread::scope(|scope| {
            let workers: Vec<_> = (0..at_a_time).map(|_| scope.spawn(work)).collect();
            let done = workers.into_iter().flat_map(|worker| {
                worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            done.collect::<Result<Vec<Outcome>>>()
        })?;
        outcomes.sort_by(|one, other| one.target.cmp(&other.target));
        Ok(outcome::report(&outcomes))
    }

    /// Runs a target for its time.
    fn fuzz(&self, target: &str) -> Result<Outcome> {
        // New inputs go to the first folder; the second is part of the project.
        let [corpus, seeds, artifacts] =
            ["corpus", "seeds", "artifacts"].map(|folder| format!("fuzz/{folder}/{target}"));
        for folder in [&corpus, &artifacts] {
            fs::create_dir_all(folder).with_context(|| format!("cannot make {folder}"))?;
        }
        let mut fuzz = unstable(cargo(&["fuzz", "run", target, &corpus]));
        if Path::new(&seeds).is_dir() {
            fuzz.arg(seeds);
        }
        fuzz.args(["--", &format!("-max_total_time={}", self.seconds)]);
        fuzz.args([&format!("-timeout={INPUT_SECONDS}"), "-print_final_stats=1"]);

        let log = format!("{artifacts}.log");
        let file = File::create(&log).with_context(|| format!("cannot make {log}"))?;
        let copy = file.try_clone().with_context(|| format!("cannot write {log}"))?;
        println!("{target}: writes {log}");
        let status = fuzz.stdout(file).stderr(copy).status().context("cannot run `cargo fuzz`")?;
        let text = fs::read(&log).with_context(|| format!("cannot read {log}"))?;
        let outcome = Outcome::read(target, status.success(), &String::from_utf8_lossy(&text), log);
        println!("{target}: {}", outcome.verdict());
        Ok(outcome)
    }
}

/// The instrumentation is unstable; this is how a stable toolchain lets it through.
fn unstable(mut cargo: Command) -> Command {
    cargo.env("RUSTC_BOOTSTRAP", "1");
    cargo
}
