//! How long ago the authority was heard of.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// The authority sends something every five seconds: three times of silence, and the line is dead.
pub(crate) const SILENCE: Duration = Duration::from_secs(15);

/// When it was last heard of, in milliseconds of [`clock`]; or one of the two below.
#[derive(Debug)]
pub(crate) struct Touch(AtomicU64);

const NEVER: u64 = u64::MAX;

/// It is not listened to any more.
const CLOSED: u64 = u64::MAX - 1;

impl Touch {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(NEVER))
    }

    /// It was heard of just now, and all that it said has been applied.
    pub(crate) fn heard(&self) {
        let now = clock();
        let open = |heard| (heard != CLOSED).then_some(now);
        let _closed = self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, open);
    }

    /// It is not listened to from now on.
    pub(crate) fn close(&self) {
        self.0.store(CLOSED, Ordering::Release);
    }

    /// For how long it has not been heard of; `None`: it never was.
    pub(crate) fn silence(&self) -> Option<Duration> {
        let heard = self.0.load(Ordering::Acquire);
        (heard < CLOSED).then(|| Duration::from_millis(clock().saturating_sub(heard)))
    }
}

/// Milliseconds of a clock that nobody sets, and that goes on while the machine sleeps: what was
/// revoked meanwhile has not been heard.
#[cfg(target_os = "linux")]
fn clock() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    // Neither is negative (clock_gettime(2)).
    now.tv_sec.cast_unsigned() * 1000 + now.tv_nsec.cast_unsigned() / 1_000_000
}

/// Milliseconds of a clock that nobody sets. It may stand still while the machine sleeps; the line to
/// the authority is broken then, and is found to be so when something is sent over it.
#[cfg(not(target_os = "linux"))]
fn clock() -> u64 {
    use std::{sync::OnceLock, time::Instant};

    static SINCE: OnceLock<Instant> = OnceLock::new();
    let since = SINCE.get_or_init(Instant::now).elapsed();
    u64::try_from(since.as_millis()).unwrap_or(CLOSED - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_counted_from_the_last_word() {
        let touch = Touch::new();
        assert_eq!(touch.silence(), None);
        touch.heard();
        assert!(touch.silence().unwrap() < Duration::from_secs(5));
        touch.0.store(clock() - 70_000, Ordering::Release);
        let silence = touch.silence().unwrap().as_secs();
        assert!((70..75).contains(&silence), "{silence}");
        touch.heard();
        assert!(touch.silence().unwrap() < Duration::from_secs(5));
    }

    #[test]
    fn nothing_is_heard_after_the_end() {
        let touch = Touch::new();
        touch.heard();
        touch.close();
        touch.heard();
        assert_eq!(touch.silence(), None);
    }
}
