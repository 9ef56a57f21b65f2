//! Whether anything grows: a mixture of all requests at a steady pace, beside clients that break
//! off, on a store with many accounts. `docs/benchmarks.md`, "Soak", says what is judged and how.

mod break_off;
mod mixture;
mod paced;
mod report;
mod sample;
mod trend;

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::Serialize;

use self::break_off::BreakingOff;
use self::mixture::Mixture;
use self::paced::Paced;
use self::sample::Sample;
use self::trend::{Bound, Trend};
use crate::cores::Cores;
use crate::error::Error;
use crate::machine::Machine;
use crate::progress;
use crate::scale::fill;
use crate::slice::{float, median};
use crate::subject::Subject;

/// Connections of the clients that do not break off.
const CONNECTIONS: usize = 64;
/// What can be done is measured in so many slices of so long.
const SLICES: usize = 5;
const SLICE: Duration = Duration::from_secs(3);
/// The pace, as a share of what can be done.
const PACE: f64 = 0.8;
/// How often it is looked at.
const PERIOD: Duration = Duration::from_secs(10);
/// The warm-up is a fifth of the time, and no longer than this.
const LONGEST_WARM_UP: Duration = Duration::from_mins(5);

/// Look for what grows: memory, file handles, threads, latency
///
/// Fills a store, measures how many requests the server can answer, and sends four fifths of that
/// for as long as asked. Exit status: 0 nothing grows beyond its bound; 1 something does, an answer
/// was wrong, or there are no figures.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How long, the warm-up included
    #[arg(long, value_name = "COUNT", default_value = "30")]
    minutes: NonZeroU32,

    /// Service accounts in the store
    #[arg(long, value_name = "COUNT", default_value = "1000000")]
    accounts: NonZeroUsize,

    /// The server to measure, built with --release
    #[arg(long, value_name = "FILE", default_value = "target/release/rescind")]
    binary: PathBuf,

    /// Where the server keeps its data meanwhile; on a disk
    #[arg(long, value_name = "DIR", default_value = "target/bench-data")]
    data_dir: PathBuf,

    /// Write all samples to this file, too
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,

    /// More arguments for `rescind serve`
    #[arg(last = true, value_name = "SERVE_ARGS")]
    serve_args: Vec<String>,
}

/// What was found.
#[derive(Debug, Serialize)]
pub(crate) struct Soak {
    machine: Machine,
    cores: String,
    filesystem: String,
    accounts: usize,
    filled_in_seconds: f64,
    /// Requests per second.
    capacity: f64,
    pace: f64,
    warm_up_seconds: f64,
    issued: u64,
    revoked: u64,
    refused: u64,
    broken_off: u64,
    samples: Vec<Sample>,
    trends: Vec<Trend>,
}

/// Runs it.
pub(crate) fn run(options: &Options) -> Result<Soak, Error> {
    let (machine, cores) = (Machine::describe(), Cores::choose()?);
    let begin = Instant::now();
    let accounts = options.accounts.get();
    let (data_dir, population) = fill(accounts, &options.binary, &options.data_dir)?;
    let filled_in_seconds = begin.elapsed().as_secs_f64();
    let filesystem = data_dir.filesystem().to_owned();
    let subject = Subject::start(&options.binary, data_dir, cores, &options.serve_args)?;

    let mut mixture = Mixture::new(subject.host(), population);
    let mut load = Paced::open(subject.target(), CONNECTIONS)?;
    progress(format_args!("measuring what can be done"));
    let slices = (0..SLICES).map(|_| {
        let window = load.run(None, SLICE, &mut mixture)?;
        Ok(window.requests_per_second())
    });
    let capacity = median(slices.collect::<Result<_, Error>>()?);
    let pace = capacity * PACE;

    let breaking_off = BreakingOff::start(subject.target().address);
    let duration = Duration::from_mins(u64::from(options.minutes.get()));
    progress(format_args!("{pace:.0} requests a second for {} minutes", options.minutes));
    let begin = Instant::now();
    let mut samples = Vec::new();
    while begin.elapsed() < duration {
        let window = load.run(Some(pace), PERIOD, &mut mixture)?;
        let seconds = begin.elapsed().as_secs_f64();
        let sample = Sample::take(seconds, subject.pid(), subject.data_dir(), &window)?;
        progress(format_args!("{sample}"));
        samples.push(sample);
    }
    let broken_off = breaking_off.count();
    drop(breaking_off);
    subject.stop()?;

    let warm_up_seconds = (duration / 5).min(LONGEST_WARM_UP).as_secs_f64();
    let trends = trends(&samples, warm_up_seconds, mixture.issued);
    Ok(Soak {
        machine,
        cores: cores.to_string(),
        filesystem,
        accounts,
        filled_in_seconds,
        capacity,
        pace,
        warm_up_seconds,
        issued: mixture.issued,
        revoked: mixture.revoked,
        refused: mixture.refused,
        broken_off,
        samples,
        trends,
    })
}

/// A figure, where it stands in a sample, and what it may grow.
type Rule = (&'static str, fn(&Sample) -> f64, Bound);

/// What is judged: each figure after the warm-up, against what it may grow within the time.
fn trends(samples: &[Sample], warm_up_seconds: f64, issued: u64) -> Vec<Trend> {
    let settled: Vec<_> =
        samples.iter().filter(|sample| sample.seconds > warm_up_seconds).collect();
    // Tokens live for an hour, and their bits with them: see `docs/benchmarks.md`.
    let tokens_mib = float(issued) * BYTES_PER_TOKEN / 1_048_576.0;
    let rules: [Rule; 6] = [
        ("resident MiB", |sample| sample.resident_mib, MEMORY.and(tokens_mib)),
        ("anonymous MiB", |sample| sample.anonymous_mib, MEMORY.and(tokens_mib)),
        ("file handles", |sample| sample.handles.into(), HANDLES),
        ("threads", |sample| sample.threads.into(), THREADS),
        ("p50 ms", |sample| sample.p50_ms, P50),
        ("p99 ms", |sample| sample.p99_ms, P99),
    ];
    let trend = |(figure, value, bound): Rule| {
        let points: Vec<_> = settled.iter().map(|sample| (sample.seconds, value(sample))).collect();
        Trend::of(figure, &points, bound)
    };
    rules.into_iter().map(trend).collect()
}

/// What each issued token may add, in bytes: its bit, and its share of the block that the bit lies in.
const BYTES_PER_TOKEN: f64 = 2.0;
const MEMORY: Bound = Bound { share: 0.01, absolute: 2.0 };
const HANDLES: Bound = Bound { share: 0.0, absolute: 5.0 };
const THREADS: Bound = Bound { share: 0.0, absolute: 1.0 };
const P50: Bound = Bound { share: 0.1, absolute: 0.05 };
const P99: Bound = Bound { share: 0.25, absolute: 0.5 };
/// So many of all answers may be a 503.
const REFUSED: f64 = 0.001;
/// So much of the pace must be kept.
const KEPT: f64 = 0.98;

impl Soak {
    /// Whether nothing grows, and the pace was kept.
    pub(crate) fn holds(&self) -> bool {
        self.trends.iter().all(|trend| trend.holds) && self.keeps_pace() && !self.is_refused_often()
    }

    /// The median of what was answered in a second.
    fn kept(&self) -> f64 {
        median(self.samples.iter().map(|sample| sample.requests_per_second).collect())
    }

    fn keeps_pace(&self) -> bool {
        self.kept() >= self.pace * KEPT
    }

    fn is_refused_often(&self) -> bool {
        let seconds = self.samples.last().map_or(0.0, |sample| sample.seconds);
        float(self.refused) > self.pace * seconds * REFUSED
    }
}
