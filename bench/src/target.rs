//! What the server is to reach.

use serde::Serialize;

use crate::memory::Growth;
use crate::scale::Scale;
use crate::speed::{Cell, Endpoint};

/// A target, and what was measured of it.
#[derive(Debug, Serialize)]
pub(crate) struct Target {
    pub(crate) what: String,
    pub(crate) measured: f64,
    #[serde(flatten)]
    pub(crate) bound: Bound,
    pub(crate) reached: bool,
}

/// A target is a least or a greatest figure.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bound {
    AtLeast(f64),
    Below(f64),
}

impl Target {
    fn new(what: impl Into<String>, measured: f64, bound: Bound) -> Self {
        let reached = match bound {
            Bound::AtLeast(least) => measured >= least,
            Bound::Below(limit) => measured < limit,
        };
        Self { what: what.into(), measured, bound, reached }
    }
}

/// The targets that a cell is held to.
pub(crate) fn of_cell(cell: &Cell) -> Vec<Target> {
    const CONNECTIONS: usize = 64;
    if cell.connections != CONNECTIONS {
        return Vec::new();
    }
    let ratio = |least| {
        let what = format!("{} / healthz", cell.endpoint.name());
        Some(Target::new(what, cell.medians.ratio_to_healthz?, Bound::AtLeast(least)))
    };
    let p99 = || {
        let what = format!("{} p99 ms", cell.endpoint.name());
        Target::new(what, cell.medians.p99_ms, Bound::Below(10.0))
    };
    match cell.endpoint {
        Endpoint::Healthz | Endpoint::Issue => Vec::new(),
        Endpoint::Revoke => ratio(0.2).into_iter().chain([p99()]).collect(),
        Endpoint::Introspect => ratio(0.4).into_iter().collect(),
    }
}

/// The target for memory.
pub(crate) fn of_growth(growth: &Growth) -> Target {
    let what = format!("MiB more after {} tokens", growth.tokens);
    Target::new(what, growth.mib(), Bound::Below(32.0))
}

/// The targets for a great many accounts.
pub(crate) fn of_scale(scale: &Scale) -> Vec<Target> {
    let mut targets = Vec::new();
    for speed in &scale.speeds {
        let what = format!("{} / {0} with few accounts", speed.endpoint.name());
        targets.push(Target::new(what, speed.ratio, Bound::AtLeast(0.8)));
    }
    let slowest = scale.pages.iter().map(|pages| pages.p99_ms).fold(0.0, f64::max);
    targets.push(Target::new("slowest page p99 ms", slowest, Bound::Below(10.0)));
    targets.push(Target::new("start s", scale.start_seconds, Bound::Below(2.0)));
    let resident = scale.idle.mib.max(scale.loaded.mib);
    targets.push(Target::new("resident MiB", resident, Bound::Below(1024.0)));
    targets
}
