//! How fast each endpoint is, as a share of what `/healthz` reaches at the same time.
//!
//! Other work on the machine comes and goes. So every slice of an endpoint follows a slice of
//! `/healthz` at once and is compared with that one, and what is reported is the median of many
//! such pairs, taken in rounds.

use std::time::Duration;

use serde::Serialize;

use crate::error::Error;
use crate::load::Stop;
use crate::progress;
use crate::slice::{Medians, Slice};
use crate::subject::Subject;
use crate::workload::Question;

/// Introspection is asked about this many tokens in turn.
const QUESTIONS: u64 = 1_000;
/// As many connections keep the server busy when tokens are needed.
const BUSY: usize = 64;
/// Tokens per second to have in store for the first slice of revocations.
const FIRST_GUESS: f64 = 30_000.0;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Endpoint {
    Healthz,
    Issue,
    Revoke,
    Introspect,
}

impl Endpoint {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Healthz => "healthz",
            Self::Issue => "issue",
            Self::Revoke => "revoke",
            Self::Introspect => "introspect",
        }
    }
}

/// One endpoint at one number of connections.
#[derive(Debug, Serialize)]
pub(crate) struct Cell {
    pub(crate) endpoint: Endpoint,
    pub(crate) connections: usize,
    /// Of the slices.
    pub(crate) medians: Medians,
    /// In the order in which they were measured.
    pub(crate) slices: Vec<Slice>,
}

/// A cell that is still being measured.
struct Series {
    endpoint: Endpoint,
    connections: usize,
    slices: Vec<Slice>,
}

/// What to measure, and how long.
pub(crate) struct Plan {
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) connections: Vec<usize>,
    pub(crate) slice: Duration,
    pub(crate) rounds: usize,
}

/// Takes all slices of `plan`.
pub(crate) fn measure(subject: &mut Subject, plan: &Plan) -> Result<Vec<Cell>, Error> {
    let (_, known) = subject.issue(1, Stop::AfterRequests(QUESTIONS))?;
    let questions = subject.questions_about(&known)?;
    let mut course = Course { subject, plan, questions, live: Vec::new() };

    let mut series = Vec::new();
    for &connections in &plan.connections {
        for &endpoint in [Endpoint::Healthz].iter().chain(&plan.endpoints) {
            series.push(Series { endpoint, connections, slices: Vec::new() });
        }
    }
    for round in 1..=plan.rounds {
        progress(format_args!("round {round} of {}", plan.rounds));
        for group in series.chunks_mut(plan.endpoints.len() + 1) {
            course.take_slices(group)?;
        }
    }
    Ok(series.into_iter().map(Cell::from).collect())
}

impl From<Series> for Cell {
    fn from(Series { endpoint, connections, slices }: Series) -> Self {
        Self { endpoint, connections, medians: Medians::of(&slices), slices }
    }
}

struct Course<'a> {
    subject: &'a mut Subject,
    plan: &'a Plan,
    questions: Vec<Question>,
    /// Tokens that have not been revoked yet.
    live: Vec<String>,
}

impl Course<'_> {
    /// One slice of each endpoint, each behind a slice of `/healthz`, whose series comes first.
    fn take_slices(&mut self, all: &mut [Series]) -> Result<(), Error> {
        let Some((healthz, endpoints)) = all.split_first_mut() else { return Ok(()) };
        for series in endpoints {
            if series.endpoint == Endpoint::Revoke {
                self.stock_up(&series.slices)?;
            }
            let beside = self.slice(Endpoint::Healthz, healthz.connections)?;
            let mut slice = self.slice(series.endpoint, series.connections)?;
            slice.ratio_to_healthz = Some(slice.requests_per_second / beside.requests_per_second);
            healthz.slices.push(beside);
            series.slices.push(slice);
        }
        Ok(())
    }

    fn slice(&mut self, endpoint: Endpoint, connections: usize) -> Result<Slice, Error> {
        let stop = Stop::After(self.plan.slice);
        let load = match endpoint {
            Endpoint::Healthz => self.subject.healthz(connections, stop)?,
            Endpoint::Issue => self.subject.issue(connections, stop)?.0,
            Endpoint::Introspect => self.subject.introspect(connections, stop, &self.questions)?,
            Endpoint::Revoke => {
                let tokens = std::mem::take(&mut self.live);
                let (load, live) = self.subject.revoke(connections, stop, tokens)?;
                self.live = live;
                load
            }
        };
        Ok(Slice::of(&load))
    }

    /// Issues, untimed, more tokens than the next slice will revoke. Should it revoke them all, it
    /// ends with the last one, and its time is that of the last answer.
    fn stock_up(&mut self, so_far: &[Slice]) -> Result<(), Error> {
        let fastest = so_far.iter().map(|slice| slice.requests_per_second).reduce(f64::max);
        let rate = fastest.map_or(FIRST_GUESS, |fastest| fastest * 1.5);
        let needed = whole(rate * self.plan.slice.as_secs_f64());
        let missing = needed.saturating_sub(self.live.len() as u64);
        let (_, tokens) = self.subject.issue(BUSY, Stop::AfterRequests(missing))?;
        self.live.extend(tokens);
        Ok(())
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of tokens")]
fn whole(number: f64) -> u64 {
    number as u64
}
