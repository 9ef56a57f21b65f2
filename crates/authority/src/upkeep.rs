//! What may be done a little later, every few seconds.

use std::{sync::Weak, time::Duration};

use rescind_store::{Actor, Transaction};
use tokio::time::{MissedTickBehavior, interval};

use crate::{Authority, Inner};

/// How often it is done.
const PERIOD: Duration = Duration::from_secs(10);

/// Does it until the authority is gone.
pub(crate) async fn run(inner: Weak<Inner>) {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.tick().await; // the first one is at once
    let mut commits = 0;
    loop {
        ticks.tick().await;
        let Some(inner) = inner.upgrade() else { return };
        let authority = Authority(inner);
        if authority.0.writer.commits() == commits {
            authority.probe().await;
        }
        commits = authority.0.writer.commits(); // the probe's own is nobody's
        authority.upkeep().await;
    }
}

impl Authority {
    /// Commits nothing, so that it is known whether something could be committed, and memory
    /// learns of what reached the disk although its commit had failed. Needed only when nobody
    /// else has committed for a while.
    async fn probe(&self) {
        let (actor, changes) = (Actor::Server, Vec::new());
        let nothing = Transaction { actor, org_id: None, decided_of: None, changes };
        if let Err(error) = self.0.writer.commit(nothing).await {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "the store cannot be written: revocations and changes are refused"
            );
        }
    }

    /// Forgets nonces, and lists and signing keys whose tokens have all expired, adds a signing key
    /// when the newest is old, and writes down what was counted.
    /// Call it before the process ends; while it runs, it is called every few seconds.
    pub async fn upkeep(&self) {
        let inner = &*self.0;
        let now = inner.clock.now();
        inner.status_bits.forget_dead_list(now);
        inner.used_nonces.forget_dead(now);
        let some_died = inner.view.forget_dead_lists(now);
        inner.signed_lists.retain(|id| inner.view.list(id).is_some());
        if let Err(error) = inner.store.forget_dead_lists(now).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "dead status lists were kept");
        }
        if let Err(error) = self.tend_signing_keys().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "signing keys stay as they are, and are looked at again in a few seconds"
            );
        }
        match inner.store.size().await {
            Ok(bytes) => inner.metrics.store_size(bytes),
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the size of the store cannot be told"
            ),
        }
        if let Some(quota) = &inner.quota {
            if some_died {
                quota.forget_dead(inner).await;
            }
            if let Err(error) = quota.write_down(inner).await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the number of live tokens was not written down"
                );
            }
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
