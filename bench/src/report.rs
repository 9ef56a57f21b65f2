//! The figures, for people and for programs.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;

use crate::machine::Machine;
use crate::memory::Growth;
use crate::scale::Scale;
use crate::slice::Medians;
use crate::speed::{Cell, Endpoint};
use crate::table::Table;
use crate::target::{self, Bound, Target};

/// All that a run has found. Serialized it holds every slice, displayed the medians.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) machine: Machine,
    pub(crate) cores: String,
    pub(crate) filesystem: String,
    pub(crate) seconds_per_slice: f64,
    pub(crate) cells: Vec<Cell>,
    pub(crate) memory: Option<Growth>,
    pub(crate) scale: Option<Scale>,
    pub(crate) targets: Vec<Target>,
}

impl Report {
    /// Holds the figures against the targets.
    pub(crate) fn judge(&mut self) {
        self.targets = self
            .cells
            .iter()
            .flat_map(target::of_cell)
            .chain(self.memory.as_ref().map(target::of_growth))
            .chain(self.scale.iter().flat_map(target::of_scale))
            .collect();
    }

    fn cell(&self, endpoint: Endpoint, connections: usize) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.endpoint == endpoint && cell.connections == connections)
    }

    /// What issuing costs above an empty answer, where the server is busiest.
    fn cost_of_issuing(&self) -> Option<String> {
        let connections = self.cells.iter().map(|cell| cell.connections).max()?;
        let issue = self.cell(Endpoint::Issue, connections)?;
        let healthz = self.cell(Endpoint::Healthz, connections)?;
        let by_cpu = |cell: &Cell| cell.medians.server_cpu_us_per_request;
        let by_rate = |cell: &Cell| 1e6 / cell.medians.requests_per_second;
        Some(format!(
            "An issue takes {:.1} µs more of the server's CPU than a healthz ({:.1} µs by their \
             rates at {connections} connections): the signature and all that surrounds it.",
            by_cpu(issue) - by_cpu(healthz),
            by_rate(issue) - by_rate(healthz),
        ))
    }
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.machine)?;
        writeln!(f, "{}; data on {}, every revocation synced", self.cores, self.filesystem)?;
        if !self.cells.is_empty() {
            let seconds = self.seconds_per_slice;
            writeln!(f, "medians of slices of {seconds} s, each beside a slice of healthz\n")?;
            speeds(&self.cells).fmt(f)?;
        }
        if let Some(cost) = self.cost_of_issuing() {
            writeln!(f, "\n{cost}")?;
        }
        if let Some(memory) = &self.memory {
            writeln!(
                f,
                "\nMemory: {:.1} MiB idle, {:.1} MiB after {} tokens: {:.1} MiB more, {:.1} of \
                 them anonymous.",
                memory.idle_mib,
                memory.loaded_mib,
                memory.tokens,
                memory.mib(),
                memory.anonymous_mib(),
            )?;
        }
        if let Some(scale) = &self.scale {
            scale.fmt(f)?;
        }
        if !self.targets.is_empty() {
            writeln!(f, "\nTargets")?;
        }
        self.targets.iter().try_for_each(|target| writeln!(f, "  {target}"))
    }
}

impl Display for Target {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { what, measured, bound, reached } = self;
        let verdict = if *reached { "reached" } else { "MISSED" };
        match bound {
            Bound::AtLeast(least) => {
                write!(f, "{what:<32} {measured:>8.3}, at least {least:<4} {verdict}")
            }
            Bound::Below(limit) => {
                write!(f, "{what:<32} {measured:>8.3}, below    {limit:<4} {verdict}")
            }
        }
    }
}

const COLUMNS: [&str; 10] = [
    "endpoint",
    "connections",
    "req/s",
    "/ healthz",
    "p50 ms",
    "p99 ms",
    "worst p99",
    "server CPU",
    "µs/req",
    "generator busy",
];

fn speeds(cells: &[Cell]) -> Table<10> {
    let mut table = Table::new(COLUMNS);
    for cell in cells {
        let ratio = cell.medians.ratio_to_healthz;
        let ratio = ratio.map_or_else(|| "1".to_owned(), |ratio| format!("{ratio:.3}"));
        let name = cell.endpoint.name().to_owned();
        table.add(row([name, cell.connections.to_string()], ratio, &cell.medians));
    }
    table
}

/// A row of a table of speeds: two columns that say of what, and one with a ratio.
pub(crate) fn row(what: [String; 2], ratio: String, medians: &Medians) -> [String; 10] {
    let [first, second] = what;
    [
        first,
        second,
        format!("{:.0}", medians.requests_per_second),
        ratio,
        format!("{:.3}", medians.p50_ms),
        format!("{:.3}", medians.p99_ms),
        format!("{:.3}", medians.worst_p99_ms),
        format!("{:.0} %", medians.server_cpu * 100.0),
        format!("{:.1}", medians.server_cpu_us_per_request),
        format!("{:.0} %", medians.generator_busy * 100.0),
    ]
}
