//! The figures of a soak, for people.

use std::fmt::{self, Display, Formatter};

use super::sample::Sample;
use super::trend::Trend;
use super::{CONNECTIONS, Soak};
use crate::table::Table;

/// So many samples are shown, evenly spread; all of them are in the file of `--json`.
const SHOWN: usize = 15;

impl Display for Soak {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { machine, cores, filesystem, accounts, filled_in_seconds, .. } = self;
        let Self { capacity, pace, issued, revoked, refused, broken_off, .. } = self;
        writeln!(
            f,
            "{machine}\n{cores}; data on {filesystem}, every revocation synced\n\
             {accounts} service accounts, written in {filled_in_seconds:.0} s\n\
             {capacity:.0} requests a second can be done on {CONNECTIONS} connections; the pace \
             is {pace:.0}, of which {:.0} were kept\n\
             {issued} tokens issued, {revoked} revoked, {refused} requests refused with 503, \
             {broken_off} clients broke off\n",
            self.kept(),
        )?;
        let mut table = Table::new([
            "s",
            "resident MiB",
            "anonymous",
            "handles",
            "threads",
            "store MiB",
            "req/s",
            "p50 ms",
            "p99 ms",
        ]);
        for sample in self.samples.iter().step_by(self.samples.len().div_ceil(SHOWN).max(1)) {
            table.add(sample.row());
        }
        table.fmt(f)?;
        let mut trends = Table::new(["after the warm-up", "median", "growth", "bound", ""]);
        for Trend { figure, median, growth, bound, holds } in &self.trends {
            let verdict = if *holds { "holds" } else { "GROWS" }.to_owned();
            let [median, growth, bound] = [median, growth, bound].map(|n| format!("{n:.2}"));
            trends.add([(*figure).to_owned(), median, growth, bound, verdict]);
        }
        writeln!(f)?;
        trends.fmt(f)?;
        if !self.keeps_pace() {
            writeln!(f, "\nThe pace was NOT kept.")?;
        }
        if self.is_refused_often() {
            writeln!(f, "\nTOO MANY requests were refused.")?;
        }
        let verdict = if self.holds() { "nothing grows" } else { "FAILED" };
        writeln!(f, "\nSoak, after {:.0} s of warm-up: {verdict}", self.warm_up_seconds)
    }
}

impl Sample {
    fn row(&self) -> [String; 9] {
        [
            format!("{:.0}", self.seconds),
            format!("{:.1}", self.resident_mib),
            format!("{:.1}", self.anonymous_mib),
            self.handles.to_string(),
            self.threads.to_string(),
            format!("{:.0}", self.store_mib),
            format!("{:.0}", self.requests_per_second),
            format!("{:.3}", self.p50_ms),
            format!("{:.3}", self.p99_ms),
        ]
    }
}

impl Display for Sample {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { seconds, resident_mib, handles, requests_per_second, p50_ms, p99_ms, .. } = self;
        write!(
            f,
            "{seconds:6.0} s  {resident_mib:8.1} MiB  {handles:4} handles  \
             {requests_per_second:7.0} req/s  p50 {p50_ms:.3} ms  p99 {p99_ms:.3} ms"
        )
    }
}
