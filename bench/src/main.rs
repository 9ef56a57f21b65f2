//! Measures the running server against an endpoint that does nothing, each on a core of its own.
//! `docs/benchmarks.md` says what is measured and how to read it.
//!
//! - [`subject`]: the server under test, and what is asked of it
//! - [`load`], [`connection`], [`readiness`]: the load generator; [`workload`]: its requests, and
//!   which answers prove that the work was done
//! - [`speed`], [`memory`], [`scale`]: what can be measured; [`course`]: slice by slice;
//!   [`mod@slice`]: what one load has shown
//! - [`soak`]: whether anything grows; [`timing`]: whether the time of a refusal tells why
//! - [`report`], [`mod@table`], [`target`]: the figures, and what they are to reach

mod client;
mod connection;
mod cores;
mod course;
mod data_dir;
mod error;
mod load;
mod machine;
mod memory;
mod options;
mod populate;
mod process;
mod readiness;
mod report;
mod scale;
mod slice;
mod soak;
mod speed;
mod subject;
mod table;
mod target;
mod timing;
mod workload;

use std::fmt::{Arguments, Display};
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use serde::Serialize;

use client::Crowd;
use cores::Cores;
use data_dir::DataDir;
use error::Error;
use machine::Machine;
use options::{Command, CommandLine, Options};
use report::Report;
use rescind_harness::Installation;
use speed::Plan;
use subject::Subject;

/// A server that takes longer for an answer is taken for dead.
const PATIENCE: Duration = Duration::from_secs(30);

fn main() -> ExitCode {
    let CommandLine { command, speed } = CommandLine::parse();
    let done = match &command {
        None => measure(&speed, Machine::describe())
            .and_then(|report| show(&report, speed.json.as_deref()))
            .map(|()| true),
        Some(Command::Soak(options)) => soak::run(options).and_then(|soak| {
            show(&soak, options.json.as_deref())?;
            Ok(soak.holds())
        }),
        Some(Command::Timing(options)) => timing::run(options).and_then(|timing| {
            show(&timing, options.json.as_deref())?;
            Ok(timing.holds())
        }),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            progress(format_args!("{error}"));
            ExitCode::FAILURE
        }
    }
}

/// Prints the figures, and writes them to the file of `--json`.
fn show(figures: &(impl Display + Serialize), json: Option<&Path>) -> Result<(), Error> {
    write!(io::stdout(), "{figures}").map_err(Error::io("print the figures"))?;
    if let Some(file) = json {
        let json = serde_json::to_vec_pretty(figures).map_err(Error::io("write the figures"))?;
        fs::write(file, json).map_err(Error::io("write the file of --json"))?;
    }
    Ok(())
}

fn measure(options: &Options, machine: Machine) -> Result<Report, Error> {
    let cores = Cores::choose()?;
    let mut report = Report {
        machine,
        cores: cores.to_string(),
        filesystem: DataDir::create_in(&options.data_dir)?.filesystem().to_owned(),
        seconds_per_slice: options.seconds.as_secs_f64(),
        cells: Vec::new(),
        memory: None,
        scale: None,
        targets: Vec::new(),
    };
    if let Some(accounts) = options.accounts {
        report.scale = Some(scale::measure(accounts.get(), options, cores)?);
    } else {
        measure_one_account(options, cores, &mut report)?;
    }
    report.judge();
    Ok(report)
}

/// Servers on an empty store, whose one service account asks for everything.
fn measure_one_account(options: &Options, cores: Cores, report: &mut Report) -> Result<(), Error> {
    let start = || {
        let data_dir = DataDir::create_in(&options.data_dir)?;
        let crowd = Crowd::of_one(&Installation::init(&options.binary, data_dir.path())?);
        let subject = Subject::start(&options.binary, data_dir, cores, &options.serve_args)?;
        Ok::<_, Error>((subject, crowd))
    };
    let endpoints = options.endpoints();
    if !endpoints.is_empty() {
        let plan = Plan {
            endpoints,
            connections: options.connections.iter().copied().map(usize::from).collect(),
            slice: options.seconds,
            rounds: options.slices.get(),
        };
        let (mut subject, crowd) = start()?;
        report.cells = speed::measure(&mut subject, crowd, &plan)?;
        subject.stop()?;
    }
    if options.measures_memory() {
        let (mut subject, crowd) = start()?;
        report.memory = Some(memory::measure(&mut subject, crowd, options.tokens)?);
        subject.stop()?;
    }
    Ok(())
}

/// A line on standard error: the figures alone are on standard output.
fn progress(line: Arguments<'_>) {
    // Nobody has to watch.
    let _ = writeln!(io::stderr(), "{line}");
}
