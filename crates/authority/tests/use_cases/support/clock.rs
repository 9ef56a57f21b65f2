//! A clock that tests move.

use std::sync::atomic::{AtomicI64, Ordering};

use rescind_core::clock::{Clock, UnixTime};

pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn starting_at(second: i64) -> Self {
        Self(AtomicI64::new(second))
    }

    /// Moves it, back if `seconds` is negative.
    pub(crate) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_second(self.0.load(Ordering::SeqCst))
    }
}
