//! The figures of the timing, for people.

use std::fmt::{self, Display, Formatter};

use super::statistics::{Comparison, FLOOR_NS, THRESHOLD};
use super::{Endpoint, Row, Timing};
use crate::table::Table;

impl Display for Timing {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { machine, cores, tries, endpoints } = self;
        writeln!(f, "{machine}\n{cores}\n{tries} tries of each kind, in random order")?;
        endpoints.iter().try_for_each(|endpoint| endpoint.fmt(f))?;
        let verdict = if self.holds() { "no kind can be told from another" } else { "FAILED" };
        writeln!(f, "\nTiming, by |t| > {THRESHOLD} and a difference of {FLOOR_NS} ns: {verdict}")
    }
}

impl Display for Endpoint {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut times =
            Table::new([self.request, "mean µs", "p10 µs", "median µs", "p90 µs", "p99 µs"]);
        for Row { kind, mean, p10, median, p90, p99 } in &self.rows {
            let [mean, p10, median, p90, p99] =
                [mean, p10, median, p90, p99].map(|time| format!("{time:.2}"));
            times.add([(*kind).to_owned(), mean, p10, median, p90, p99]);
        }
        let mut comparisons =
            Table::new(["compared", "difference ns", "95 % interval", "t", "visible ns", ""]);
        for comparison in &self.comparisons {
            let verdict = if comparison.differs() { "DIFFERS" } else { "alike" };
            comparisons.add(comparison.row(verdict));
        }
        let verdict = if self.same.differs() { "DIFFERS: is the machine busy?" } else { "alike" };
        comparisons.add(self.same.row(verdict));
        let verdict = if self.later.differs() { "seen, as it must be" } else { "NOT SEEN" };
        comparisons.add(self.later.row(verdict));
        writeln!(f)?;
        times.fmt(f)?;
        writeln!(f)?;
        comparisons.fmt(f)
    }
}

impl Comparison {
    fn row(&self, verdict: &str) -> [String; 6] {
        let Self { one, other, difference_ns, interval_ns: [low, high], t, visible_ns } = self;
        [
            format!("{one}, {other}"),
            format!("{difference_ns:.0}"),
            format!("{low:.0} to {high:.0}"),
            format!("{t:.1}"),
            format!("{visible_ns:.0}"),
            verdict.to_owned(),
        ]
    }
}
