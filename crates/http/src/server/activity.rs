//! What a connection does, seen from beside it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

/// Counts the requests of one connection.
#[derive(Debug)]
pub(super) struct Activity {
    opened: Instant,
    in_flight: AtomicU32,
    /// Answers that come bit by bit, as long as the client takes them.
    streams: AtomicU32,
    /// When the last request was finished or the last bit of an answer taken, in milliseconds after
    /// the connection was opened; 0 if none was.
    last: AtomicU64,
    ending: AtomicBool,
}

/// A request that is worked on, until this is dropped.
#[derive(Debug)]
pub(super) struct Working(Arc<Activity>);

/// An answer that comes bit by bit, until this is dropped.
#[derive(Debug)]
pub(super) struct Streaming(Arc<Activity>);

impl Activity {
    /// That of a connection opened now.
    pub(super) fn new() -> Self {
        Self {
            opened: Instant::now(),
            in_flight: AtomicU32::new(0),
            streams: AtomicU32::new(0),
            last: AtomicU64::new(0),
            ending: AtomicBool::new(false),
        }
    }

    /// A request begins.
    pub(super) fn begin(self: &Arc<Self>) -> Working {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        Working(Arc::clone(self))
    }

    /// Whether no request has begun so far.
    pub(super) fn is_unused(&self) -> bool {
        self.in_flight.load(Ordering::Relaxed) == 0 && self.last.load(Ordering::Relaxed) == 0
    }

    /// Whether it is there to be spoken to, and not to ask.
    pub(super) fn is_streaming(&self) -> bool {
        self.streams.load(Ordering::Relaxed) > 0
    }

    fn note(&self) {
        let now = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(now.max(1), Ordering::Relaxed);
    }

    /// For how long nothing was worked on; `None` while something is.
    pub(super) fn idle_for(&self) -> Option<Duration> {
        if self.in_flight.load(Ordering::Acquire) > 0 {
            return None;
        }
        let last = Duration::from_millis(self.last.load(Ordering::Relaxed));
        Some(self.opened.elapsed().saturating_sub(last))
    }

    /// From now on answers say that the connection will be closed.
    pub(super) fn end(&self) {
        self.ending.store(true, Ordering::Relaxed);
    }

    /// Whether it will be closed after what is in flight.
    pub(super) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }
}

impl Working {
    /// Whether the connection will be closed after this request.
    pub(super) fn is_last(&self) -> bool {
        self.0.is_ending()
    }

    /// The answer to this request begins, and will take its time.
    pub(super) fn streams(&self) -> Streaming {
        self.0.streams.fetch_add(1, Ordering::Relaxed);
        Streaming(Arc::clone(&self.0))
    }
}

impl Streaming {
    /// The client has taken a bit of it.
    pub(super) fn note(&self) {
        self.0.note();
    }
}

impl Drop for Streaming {
    fn drop(&mut self) {
        self.0.note();
        self.0.streams.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.note();
        self.0.in_flight.fetch_sub(1, Ordering::Release);
    }
}
