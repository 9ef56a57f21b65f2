//! What may be done a little later, every few seconds.

use std::{sync::Weak, time::Duration};

use tokio::time::{MissedTickBehavior, interval};

use crate::{Authority, Inner};

/// How often it is done.
const PERIOD: Duration = Duration::from_secs(10);

/// Does it until the authority is gone.
pub(crate) async fn run(inner: Weak<Inner>) {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.tick().await; // the first one is at once
    loop {
        ticks.tick().await;
        let Some(inner) = inner.upgrade() else { return };
        Authority(inner).upkeep().await;
    }
}

impl Authority {
    /// Forgets lists whose tokens have all expired, and writes down when secrets were last used.
    /// Call it before the process ends; while it runs, it is called every few seconds.
    pub async fn upkeep(&self) {
        let inner = &*self.0;
        let now = inner.clock.now();
        inner.status_bits.forget_dead_list(now);
        inner.view.forget_dead_lists(now);
        if let Err(error) = inner.store.forget_dead_lists(now).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "dead status lists were kept");
        }
        let used = inner.access_use.take();
        if !used.is_empty()
            && let Err(error) = inner.store.touch_access_entries(&used).await
        {
            inner.access_use.put_back(&used);
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the use of access lists was not written down"
            );
        }
        let used = inner.last_used.noted();
        if used.is_empty() {
            return;
        }
        match inner.store.touch_secrets(&used).await {
            Ok(()) => inner.last_used.forget(&used),
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the last use of {} secrets was not written down",
                used.len()
            ),
        }
    }
}
