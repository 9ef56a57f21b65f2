//! The figures of a great many accounts, for people.

use std::fmt::{self, Display, Formatter};

use super::{FEW, Pages, Resident, Scale};
use crate::report::row;
use crate::table::Table;

const SPEEDS: [&str; 10] = [
    "endpoint",
    "accounts",
    "req/s",
    "ratio",
    "p50 ms",
    "p99 ms",
    "worst p99",
    "server CPU",
    "µs/req",
    "generator busy",
];

impl Display for Scale {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { accounts, organizations, revoked, database_mib, filled_in_seconds, .. } = self;
        writeln!(
            f,
            "{accounts} service accounts in {organizations} organizations, {revoked} revoked \
             tokens: {database_mib:.0} MiB, written in {filled_in_seconds:.0} s\n\
             start to readiness: {:.2} s on both cores, {:.2} s on one ({:.2} s of CPU), {:.2} s \
             there when the store comes from the disk\n\
             resident: {} after the start, {} at the end\n",
            self.start_seconds,
            self.start_on_one_core_seconds,
            self.start_cpu_seconds,
            self.cold_start_seconds,
            self.idle,
            self.loaded,
        )?;
        self.speeds().fmt(f)?;
        let mut pages = Table::new(["100 accounts of", "pages", "p50 ms", "p99 ms"]);
        for Pages { list, part, p50_ms, p99_ms } in &self.pages {
            let (p50, p99) = (format!("{p50_ms:.3}"), format!("{p99_ms:.3}"));
            pages.add([(*list).to_owned(), (*part).to_owned(), p50, p99]);
        }
        writeln!(f)?;
        pages.fmt(f)
    }
}

impl Scale {
    fn speeds(&self) -> Table<10> {
        let mut table = Table::new(SPEEDS);
        for speed in &self.speeds {
            let name = || speed.endpoint.name().to_owned();
            table.add(row([name(), FEW.to_string()], "1".to_owned(), &speed.few));
            let ratio = format!("{:.3}", speed.ratio);
            table.add(row([name(), self.accounts.to_string()], ratio, &speed.many));
        }
        let newcomers = ["issue, first of each".to_owned(), self.accounts.to_string()];
        table.add(row(newcomers, String::new(), &self.newcomers));
        table
    }
}

impl Display for Resident {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0} MiB ({:.0} anonymous)", self.mib, self.anonymous_mib)
    }
}
