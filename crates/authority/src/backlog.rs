//! What a follower missed while it was away: read from the log, for few at a time.

use std::{sync::Arc, time::Duration};

use rescind_core::id::OrgId;
use rescind_store::{Seq, StoreError};
use tokio::{sync::Semaphore, time::timeout};

use crate::{Authority, Effects, effects::Gathered};

/// How many entries of the log are gone through for one. Lists and accounts are fetched again for
/// less than it costs to go through more.
const MAX_ENTRIES: u64 = 16_384;

/// How much it is told at most. What it is told lies in memory as one event.
const MAX_EFFECTS: usize = 50_000;

/// Entries read at a time.
const SLICE: u32 = 1024;

/// How many go through the log at once.
const AT_ONCE: usize = 2;

/// How long one may wait for its turn.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whose turn it is to have the log gone through.
pub(crate) struct Turns {
    all: Semaphore,
    /// One at a time of an organization, so that none keeps the others from it. Of each of which
    /// somebody has come back.
    of_org: papaya::HashMap<OrgId, Arc<Semaphore>>,
}

impl Default for Turns {
    fn default() -> Self {
        Self { all: Semaphore::new(AT_ONCE), of_org: papaya::HashMap::new() }
    }
}

impl Authority {
    /// What happened after the event `after`, up to `head` and perhaps beyond, for a follower of
    /// `org_id`; `None` when that is more than it is told, or when too many ask.
    pub(crate) async fn backlog(
        &self,
        org_id: OrgId,
        after: Seq,
        head: Seq,
    ) -> Result<Option<Effects>, StoreError> {
        if head.0 - after.0 > MAX_ENTRIES {
            return Ok(None);
        }
        if head == after {
            return Ok(Some(Effects::default()));
        }
        let turns = &self.0.turns;
        let of_org = || Arc::new(Semaphore::new(1));
        let of_org = Arc::clone(turns.of_org.pin().get_or_insert_with(org_id, of_org));
        let turn = timeout(PATIENCE, async { (of_org.acquire().await, turns.all.acquire().await) });
        let Ok(_turn) = turn.await else { return Ok(None) };

        let store = &*self.0.store;
        let (mut gathered, mut at) = (Gathered::default(), after);
        while at < head {
            let entries = store.entries(at, SLICE).await?;
            let Some(newest) = entries.last() else { break };
            at = newest.seq;
            for entry in &entries {
                gathered.add(&entry.event, entry.org_id);
            }
        }
        let effects = gathered.finish(store).await?;
        Ok((effects.len() <= MAX_EFFECTS).then_some(effects))
    }
}
