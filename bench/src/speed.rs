//! How fast each endpoint is, as a share of what `/healthz` reaches at the same time.
//!
//! Other work on the machine comes and goes. So every slice of an endpoint follows a slice of
//! `/healthz` at once and is compared with that one, and what is reported is the median of many
//! such pairs, taken in rounds.

use std::time::Duration;

use serde::Serialize;

use crate::client::Crowd;
use crate::course::Course;
use crate::error::Error;
use crate::progress;
use crate::slice::{Medians, Slice};
use crate::subject::Subject;

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

/// Takes all slices of `plan`, in which `crowd` asks.
pub(crate) fn measure(
    subject: &mut Subject,
    crowd: Crowd,
    plan: &Plan,
) -> Result<Vec<Cell>, Error> {
    let mut course = Course::new(subject, crowd, plan.slice)?;
    let mut series = Vec::new();
    for &connections in &plan.connections {
        for &endpoint in [Endpoint::Healthz].iter().chain(&plan.endpoints) {
            series.push(Series { endpoint, connections, slices: Vec::new() });
        }
    }
    for round in 1..=plan.rounds {
        progress(format_args!("round {round} of {}", plan.rounds));
        for group in series.chunks_mut(plan.endpoints.len() + 1) {
            take_slices(&mut course, group)?;
        }
    }
    Ok(series.into_iter().map(Cell::from).collect())
}

impl From<Series> for Cell {
    fn from(Series { endpoint, connections, slices }: Series) -> Self {
        Self { endpoint, connections, medians: Medians::of(&slices), slices }
    }
}

/// One slice of each endpoint, each behind a slice of `/healthz`, whose series comes first.
fn take_slices(course: &mut Course<'_>, all: &mut [Series]) -> Result<(), Error> {
    let Some((healthz, endpoints)) = all.split_first_mut() else { return Ok(()) };
    for series in endpoints {
        if series.endpoint == Endpoint::Revoke {
            course.stock_up()?;
        }
        let beside = course.slice(Endpoint::Healthz, healthz.connections)?;
        let mut slice = course.slice(series.endpoint, series.connections)?;
        slice.ratio_to_healthz = Some(slice.requests_per_second / beside.requests_per_second);
        healthz.slices.push(beside);
        series.slices.push(slice);
    }
    Ok(())
}
