//! What an operator watches of an authority, as Prometheus metrics.

use std::{
    fmt,
    sync::{Arc, Weak},
    time::Duration,
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric as _},
    metrics::{
        MetricType,
        counter::Counter,
        family::Family,
        gauge::{ConstGauge, Gauge},
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};
use rescind_core::clock::UnixTime;

use crate::{Authority, Inner};

/// A limit of how often somebody may ask, or for how much.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Limit {
    /// Attempts to get a token.
    Token,
    /// Attempts to take one back.
    Revoke,
    /// Requests to the management API.
    Api,
    /// Live tokens of an account.
    LiveTokens,
}

impl Limit {
    const ALL: [Self; 4] = [Self::Token, Self::Revoke, Self::Api, Self::LiveTokens];

    fn labels(self) -> LimitLabels {
        let name = match self {
            Self::Token => "token",
            Self::Revoke => "revoke",
            Self::Api => "api",
            Self::LiveTokens => "live_tokens",
        };
        [("limit", name)]
    }
}

type LimitLabels = [(&'static str, &'static str); 1];

/// Counted while the authority works. Nothing here is labelled by what a client sends.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    tokens_issued: Counter,
    commit_seconds: Histogram,
    commit_transactions: Histogram,
    commit_failures: Counter,
    commits_refused: Counter,
    limits_reached: Family<LimitLabels, Counter>,
    store_bytes: Gauge,
    started_at: Gauge,
}

impl Metrics {
    /// Those of an authority that is started `now`.
    pub(crate) fn new(now: UnixTime) -> Self {
        let started_at = Gauge::default();
        started_at.set(now.as_second());
        let limits_reached = Family::<LimitLabels, Counter>::default();
        // All of them are there from the beginning, so that the first time is seen as an increase.
        for limit in Limit::ALL {
            drop(limits_reached.get_or_create(&limit.labels()));
        }
        Self {
            started_at,
            limits_reached,
            tokens_issued: Counter::default(),
            // From a fast disk, 50 µs, to one that hangs, 13 s.
            commit_seconds: Histogram::new(exponential_buckets(50e-6, 4.0, 10)),
            commit_transactions: Histogram::new(exponential_buckets(1.0, 2.0, 10)),
            commit_failures: Counter::default(),
            commits_refused: Counter::default(),
            store_bytes: Gauge::default(),
        }
    }

    pub(crate) fn issued(&self) {
        self.tokens_issued.inc();
    }

    /// Notes a commit of this many transactions.
    pub(crate) fn committed(&self, transactions: u32, took: Duration, succeeded: bool) {
        self.commit_seconds.observe(took.as_secs_f64());
        self.commit_transactions.observe(transactions.into());
        if !succeeded {
            self.commit_failures.inc();
        }
    }

    /// Notes a transaction that was refused because the store cannot keep up.
    pub(crate) fn refused(&self) {
        self.commits_refused.inc();
    }

    /// Notes that somebody was refused since this limit was reached.
    pub(crate) fn reached(&self, limit: Limit) {
        self.limits_reached.get_or_create(&limit.labels()).inc();
    }

    pub(crate) fn store_size(&self, bytes: u64) {
        self.store_bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }
}

impl Authority {
    /// Registers what there is to watch of this authority.
    pub fn register_metrics(&self, registry: &mut Registry) {
        let Metrics {
            tokens_issued,
            commit_seconds,
            commit_transactions,
            commit_failures,
            commits_refused,
            limits_reached,
            store_bytes,
            started_at,
        } = self.0.metrics.clone();
        registry.register("tokens_issued", "Tokens issued", tokens_issued);
        registry.register_with_unit(
            "commit",
            "How long a commit took, until it was on disk and in memory",
            Unit::Seconds,
            commit_seconds,
        );
        registry.register(
            "commit_transactions",
            "How many transactions shared a commit",
            commit_transactions,
        );
        registry.register("commit_failures", "Commits that failed", commit_failures);
        registry.register(
            "commits_refused",
            "Transactions refused because the store could not keep up",
            commits_refused,
        );
        registry.register(
            "limits_reached",
            "Requests refused since a limit of their client, project or account was reached",
            limits_reached,
        );
        registry.register_with_unit(
            "store_size",
            "What the store takes on disk, its write-ahead log included",
            Unit::Bytes,
            store_bytes,
        );
        registry.register_with_unit(
            "start_time",
            "When it was started, since 1970",
            Unit::Seconds,
            started_at,
        );
        registry.register_collector(Box::new(Memory(Arc::downgrade(&self.0))));
    }
}

/// What memory holds, counted when somebody asks.
struct Memory(Weak<Inner>);

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}

impl Collector for Memory {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let Some(inner) = self.0.upgrade() else { return Ok(()) };
        let lists = inner.view.count_lists();
        let rows = [
            (
                "change_log_head",
                "The number of the last change that memory includes",
                inner.view.seq().0,
            ),
            ("service_accounts", "Service accounts", inner.view.count_accounts()),
            ("feed_followers", "Those who follow the feed now", inner.followers.count()),
            ("status_lists", "Status lists whose tokens may be live", lists.lists),
            (
                "revoked_tokens",
                "Status bits set in lists whose tokens may be live; a block that was taken back \
                 whole counts 64",
                lists.revoked,
            ),
        ];
        let now = inner.clock.now();
        // Without a limit nobody counts them by account, and a difference of sums would be wrong:
        // bits are set that no token has, and of tokens that an earlier run has issued.
        let live_tokens = inner.quota.as_ref().map(|quota| {
            (
                "live_tokens",
                "Live tokens of the accounts that have asked for one since the start, to within \
                 the five minutes of a list",
                quota.count_live(&inner, now),
            )
        });
        for (name, help, value) in rows.into_iter().chain(live_tokens) {
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)?;
        }
        Ok(())
    }
}
