//! Whether requests can be served: what a load balancer asks.

use crate::Authority;

/// What must hold for requests to be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// Whether the last attempt to write to the store succeeded. There is one every few seconds,
    /// also when nobody asks for a change.
    pub store_writable: bool,
    /// Whether memory includes all that is known to be in the change log.
    pub log_followed: bool,
    /// Whether the process is about to end, and takes no more requests.
    pub stopping: bool,
}

impl Readiness {
    /// Whether all of it holds.
    #[must_use]
    pub const fn is_ready(self) -> bool {
        self.store_writable && self.log_followed && !self.stopping
    }
}

impl Authority {
    /// Whether requests can be served. Costs nothing: no disk is asked.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        let (store_writable, log_followed) = self.0.writer.health();
        let stopping = *self.0.stop.borrow();
        Readiness { store_writable, log_followed, stopping }
    }

    /// Says from now on that it is not ready, so that nobody is sent here any more, and ends the
    /// feeds. What is in flight is served all the same.
    pub fn announce_stop(&self) {
        self.0.stop.send_replace(true);
    }
}
