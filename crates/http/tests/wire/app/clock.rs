//! Time that stands still until a test moves it.

use std::sync::atomic::{AtomicI64, Ordering};

use rescind_core::clock::{Clock, UnixTime};

/// 2025-03-01T09:00:00Z, when every test begins.
const START: i64 = 1_740_819_600;

/// The moment at which every test begins.
pub(crate) const fn now() -> UnixTime {
    UnixTime::from_second(START)
}

pub(crate) struct TestClock(AtomicI64);

impl Default for TestClock {
    fn default() -> Self {
        Self(AtomicI64::new(START))
    }
}

impl TestClock {
    /// Moves on to `seconds` after the beginning.
    pub(crate) fn move_to(&self, seconds: i64) {
        self.0.store(START + seconds, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_second(self.0.load(Ordering::Relaxed))
    }
}
