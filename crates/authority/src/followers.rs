//! How far those who follow the feed are: the receipt of a revocation.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rescind_core::id::OrgId;
use rescind_store::Seq;
use tokio::{sync::Notify, time::timeout};

use crate::Authority;

/// All who follow now.
#[derive(Default)]
pub(crate) struct Followers {
    connected: papaya::HashMap<u128, Arc<Progress>>,
    /// Told of each one that has come further or is gone.
    moved: Notify,
}

impl Followers {
    /// How many follow.
    pub(crate) fn count(&self) -> u64 {
        self.connected.len() as u64
    }
}

struct Progress {
    org_id: OrgId,
    applied: AtomicU64,
}

/// How many of those who follow know of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The event.
    pub event: Seq,
    /// How many follow, of the organization that asks.
    pub connected: usize,
    /// How many of these have said that they have applied it.
    pub applied: usize,
}

impl Receipt {
    /// Whether all who follow have applied it.
    #[must_use]
    pub const fn is_complete(self) -> bool {
        self.applied == self.connected
    }
}

/// A place among the followers, until it is dropped.
pub(crate) struct Registration {
    id: u128,
    followers: Arc<Followers>,
}

impl Registration {
    pub(crate) const fn id(&self) -> u128 {
        self.id
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.followers.connected.pin().remove(&self.id);
        self.followers.moved.notify_waiters();
    }
}

impl Authority {
    pub(crate) fn register_follower(&self, org_id: OrgId, applied: Seq) -> Registration {
        let followers = Arc::clone(&self.0.followers);
        let mut id = [0; 16];
        self.0.random.fill(&mut id);
        let id = u128::from_le_bytes(id);
        let progress = Progress { org_id, applied: AtomicU64::new(applied.0) };
        followers.connected.pin().insert(id, Arc::new(progress));
        Registration { id, followers }
    }

    /// Notes that a follower has applied all events up to `event`; whether there is such a
    /// follower of this organization.
    #[must_use]
    pub fn acknowledge(&self, org_id: OrgId, follower: u128, event: Seq) -> bool {
        let followers = &self.0.followers;
        let connected = followers.connected.pin();
        let Some(progress) = connected.get(&follower).filter(|found| found.org_id == org_id) else {
            return false;
        };
        // It cannot know of what has not happened yet.
        let event = event.min(self.0.view.seq());
        progress.applied.fetch_max(event.0, Ordering::Release);
        followers.moved.notify_waiters();
        true
    }

    /// Whether there is an event of this number yet.
    #[must_use]
    pub fn has_happened(&self, event: Seq) -> bool {
        (Seq(1)..=self.0.view.seq()).contains(&event)
    }

    /// How many of an organization's followers have applied an event.
    #[must_use]
    pub fn receipt(&self, org_id: OrgId, event: Seq) -> Receipt {
        let connected = self.0.followers.connected.pin();
        let of_org = connected.values().filter(|progress| progress.org_id == org_id);
        let start = Receipt { event, connected: 0, applied: 0 };
        of_org.fold(start, |receipt, progress| {
            let applied = progress.applied.load(Ordering::Acquire) >= event.0;
            Receipt {
                connected: receipt.connected + 1,
                applied: receipt.applied + usize::from(applied),
                ..receipt
            }
        })
    }

    /// The same, once all have applied it or `patience` is over.
    pub async fn receipt_within(&self, org_id: OrgId, event: Seq, patience: Duration) -> Receipt {
        let all = async {
            loop {
                let mut moved = std::pin::pin!(self.0.followers.moved.notified());
                moved.as_mut().enable(); // before it is counted: nobody can move unseen
                if self.receipt(org_id, event).is_complete() {
                    return;
                }
                moved.await;
            }
        };
        self.0.feed.ask();
        let _too_slow = timeout(patience, all).await;
        self.receipt(org_id, event)
    }
}
