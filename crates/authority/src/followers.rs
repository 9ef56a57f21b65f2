//! How far those who follow the feed are: the receipt of a revocation.

use std::{sync::Arc, time::Duration};

use rescind_core::id::OrgId;
use rescind_store::Seq;
use tokio::{sync::watch, time::timeout};

use crate::Authority;

/// All who follow now.
#[derive(Default)]
pub(crate) struct Followers {
    connected: papaya::HashMap<u128, Arc<Follows>>,
}

impl Followers {
    /// How many follow.
    pub(crate) fn count(&self) -> u64 {
        self.connected.len() as u64
    }
}

struct Follows {
    org_id: OrgId,
    progress: watch::Sender<Progress>,
}

#[derive(Clone, Copy)]
struct Progress {
    applied: Seq,
    /// It follows no more, and can say nothing more.
    gone: bool,
}

/// How many of those who follow know of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The event.
    pub event: Seq,
    /// How many follow, of the organization that asks; if it waited, how many did when it began to.
    pub connected: usize,
    /// How many of these have said that they have applied it.
    pub applied: usize,
    /// Whether all have. Not while the process ends: it lets its followers go.
    pub complete: bool,
}

/// A place among the followers, until it is dropped.
pub(crate) struct Registration {
    id: u128,
    follows: Arc<Follows>,
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
        self.follows.progress.send_modify(|progress| progress.gone = true);
    }
}

impl Authority {
    /// Gives a place to a follower that has applied all events up to `applied`, as far as is known.
    pub(crate) fn register_follower(&self, org_id: OrgId, applied: Seq) -> Registration {
        let followers = Arc::clone(&self.0.followers);
        let mut id = [0; 16];
        self.0.random.fill(&mut id);
        let id = u128::from_le_bytes(id);
        let progress = watch::Sender::new(Progress { applied, gone: false });
        let follows = Arc::new(Follows { org_id, progress });
        followers.connected.pin().insert(id, Arc::clone(&follows));
        Registration { id, follows, followers }
    }

    /// Notes that a follower has applied all events up to `event`; whether there is such a
    /// follower of this organization.
    #[must_use]
    pub fn acknowledge(&self, org_id: OrgId, follower: u128, event: Seq) -> bool {
        let connected = self.0.followers.connected.pin();
        let Some(follows) = connected.get(&follower).filter(|found| found.org_id == org_id) else {
            return false;
        };
        // It cannot know of what has not happened yet.
        let event = event.min(self.0.view.seq());
        follows.progress.send_if_modified(|progress| {
            let further = event > progress.applied;
            progress.applied = progress.applied.max(event);
            further
        });
        true
    }

    /// Whether there is an event of this number yet.
    #[must_use]
    pub fn has_happened(&self, event: Seq) -> bool {
        (Seq(1)..=self.0.view.showing()).contains(&event)
    }

    /// How many of an organization's followers have applied an event.
    #[must_use]
    pub fn receipt(&self, org_id: OrgId, event: Seq) -> Receipt {
        self.receipt_of(event, &self.progress_of(org_id))
    }

    /// The same, once all who follow now have applied it or are gone, or `patience` is over.
    /// Whoever is gone by then counts by what it has said before.
    pub async fn receipt_within(&self, org_id: OrgId, event: Seq, patience: Duration) -> Receipt {
        let mut followers = self.progress_of(org_id);
        if followers.iter().any(|progress| progress.borrow().applied < event) {
            self.0.feed.ask(org_id, event);
        }
        let all = async {
            for progress in &mut followers {
                let settled = |now: &Progress| now.gone || now.applied >= event;
                let _it_has_said_so = progress.wait_for(settled).await;
            }
        };
        let _too_slow = timeout(patience, all).await;
        self.receipt_of(event, &followers)
    }

    fn progress_of(&self, org_id: OrgId) -> Vec<watch::Receiver<Progress>> {
        let connected = self.0.followers.connected.pin();
        let of_org = connected.values().filter(|follows| follows.org_id == org_id);
        of_org.map(|follows| follows.progress.subscribe()).collect()
    }

    fn receipt_of(&self, event: Seq, followers: &[watch::Receiver<Progress>]) -> Receipt {
        let connected = followers.len();
        let applied = followers.iter().filter(|at| at.borrow().applied >= event).count();
        let complete = applied == connected && !*self.0.stop.borrow();
        Receipt { event, connected, applied, complete }
    }
}
