//! Measures the running server against an endpoint that does nothing, each on a core of its own.
//! `docs/benchmarks.md` says what is measured and how to read it.
//!
//! - [`subject`]: the server under test, and what is asked of it
//! - [`load`], [`connection`], [`readiness`]: the load generator; [`workload`]: its requests, and
//!   which answers prove that the work was done
//! - [`speed`], [`memory`]: the two courses of measurement; [`mod@slice`]: what one load has shown
//! - [`report`], [`target`]: the figures, and what they are to reach

mod connection;
mod cores;
mod data_dir;
mod error;
mod load;
mod machine;
mod memory;
mod options;
mod process;
mod readiness;
mod report;
mod slice;
mod speed;
mod subject;
mod target;
mod workload;

use std::fmt::Arguments;
use std::fs;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use cores::Cores;
use data_dir::DataDir;
use error::Error;
use machine::Machine;
use options::Options;
use report::Report;
use speed::Plan;
use subject::Subject;

/// A server that takes longer for an answer is taken for dead.
const PATIENCE: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            progress(format_args!("{error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Error> {
    let report = measure(options, Machine::describe())?;
    write!(io::stdout(), "{report}").map_err(Error::io("print the figures"))?;
    if let Some(file) = &options.json {
        let json = serde_json::to_vec_pretty(&report).map_err(Error::io("write the figures"))?;
        fs::write(file, json).map_err(Error::io("write the file of --json"))?;
    }
    Ok(())
}

fn measure(options: &Options, machine: Machine) -> Result<Report, Error> {
    let cores = Cores::choose()?;
    let start = || {
        let data_dir = DataDir::create_in(&options.data_dir)?;
        Subject::start(&options.binary, data_dir, cores, &options.serve_args)
    };
    let mut report = Report {
        machine,
        cores: cores.to_string(),
        filesystem: String::new(),
        seconds_per_slice: options.seconds.as_secs_f64(),
        cells: Vec::new(),
        memory: None,
        targets: Vec::new(),
    };
    let endpoints = options.endpoints();
    if !endpoints.is_empty() {
        let plan = Plan {
            endpoints,
            connections: options.connections.iter().copied().map(usize::from).collect(),
            slice: options.seconds,
            rounds: options.slices.get(),
        };
        let mut subject = start()?;
        subject.filesystem().clone_into(&mut report.filesystem);
        report.cells = speed::measure(&mut subject, &plan)?;
        subject.stop()?;
    }
    if options.measures_memory() {
        let mut subject = start()?;
        subject.filesystem().clone_into(&mut report.filesystem);
        report.memory = Some(memory::measure(&mut subject, options.tokens)?);
        subject.stop()?;
    }
    report.judge();
    Ok(report)
}

/// A line on standard error: the figures alone are on standard output.
fn progress(line: Arguments<'_>) {
    // Nobody has to watch.
    let _ = writeln!(io::stderr(), "{line}");
}
