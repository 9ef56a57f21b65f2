//! How long ago the authority was heard of.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// The value of a clock that was never set.
const NEVER: u64 = u64::MAX;

/// When it was last heard of, in milliseconds since this was made.
#[derive(Debug)]
pub(crate) struct Touch {
    since: Instant,
    heard: AtomicU64,
}

impl Touch {
    pub(crate) fn new() -> Self {
        Self { since: Instant::now(), heard: AtomicU64::new(NEVER) }
    }

    /// It was heard of just now, and all that it said has been applied.
    pub(crate) fn heard(&self) {
        self.heard.store(self.now(), Ordering::Release);
    }

    /// For how long it has not been heard of; `None`: it never was.
    pub(crate) fn silence(&self) -> Option<Duration> {
        let heard = self.heard.load(Ordering::Acquire);
        (heard != NEVER).then(|| Duration::from_millis(self.now().saturating_sub(heard)))
    }

    fn now(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_millis()).unwrap_or(NEVER - 1)
    }
}
