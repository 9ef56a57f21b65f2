//! The feed: those who check tokens elsewhere hear at once of what is dead.
//!
//! The writer publishes each commit. What happens within a few milliseconds goes out together, so
//! that many followers cost one message each and not one per revocation; the first of a burst
//! does not wait.

use std::{
    net::IpAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use rescind_core::{
    clock::UnixTime,
    id::{ClientId, OrgId},
    status_list::StatusRef,
};
use rescind_store::{Seq, StoreError};
use tokio::{
    sync::{
        broadcast::{self, error::RecvError},
        mpsc, watch,
    },
    time::{Instant, timeout_at},
};

use crate::{Authority, AuthorizeError, Effects, effects::Gathered, followers::Registration};

/// How long the second of a burst waits for others, at most.
const WINDOW: Duration = Duration::from_millis(10);

/// How often followers hear that there is nothing new: without it, they cannot tell silence from a
/// line that is dead.
pub const HEARTBEAT: Duration = Duration::from_secs(5);

/// How many frames a follower can be behind before it must start anew.
const BUFFER: usize = 1024;

/// How many entries of the log are gone through for a follower that comes back.
const MAX_BACKLOG: u64 = 100_000;

/// Entries read at a time.
const SLICE: u32 = 1024;

/// What followers hear at once.
#[derive(Debug)]
pub struct Frame {
    /// With this frame, whoever has had all before it knows of everything up to this number.
    pub upto: Seq,
    /// What happened.
    pub effects: Effects,
    /// Whether somebody waits for all followers to say how far they are.
    pub asks: bool,
    encoded: OnceLock<Bytes>,
}

impl Frame {
    fn new(upto: Seq, effects: Effects, asks: bool) -> Self {
        Self { upto, effects, asks, encoded: OnceLock::new() }
    }

    /// What `encode` made of it when it was first called: it is the same for all followers.
    pub fn encoded(&self, encode: impl FnOnce(&Self) -> Bytes) -> Bytes {
        self.encoded.get_or_init(|| encode(self)).clone()
    }
}

enum Message {
    Committed(Seq, Effects),
    Ask,
}

/// Where commits go in and frames come out.
pub(crate) struct Feed {
    incoming: mpsc::UnboundedSender<Message>,
    frames: broadcast::Sender<Arc<Frame>>,
}

impl Feed {
    /// Starts the task that sends frames; it ends when the feed is dropped.
    pub(crate) fn start(from: Seq) -> Self {
        let (incoming, messages) = mpsc::unbounded_channel();
        let (frames, _) = broadcast::channel(BUFFER);
        tokio::spawn(run(messages, frames.clone(), from));
        Self { incoming, frames }
    }

    /// Publishes what a commit did, up to the number `upto`. Called in the order of the log.
    pub(crate) fn publish(&self, upto: Seq, effects: Effects) {
        let _ends_with_the_feed = self.incoming.send(Message::Committed(upto, effects));
    }

    /// Asks all followers how far they are, once they have heard of all that was published.
    pub(crate) fn ask(&self) {
        let _ends_with_the_feed = self.incoming.send(Message::Ask);
    }
}

/// What was published and is not yet sent.
struct Pending {
    upto: Seq,
    effects: Effects,
    asks: bool,
}

impl Pending {
    fn add(&mut self, message: Message) {
        match message {
            Message::Committed(upto, effects) => {
                self.upto = upto;
                self.effects.extend(effects);
            }
            Message::Ask => self.asks = true,
        }
    }

    fn is_empty(&self) -> bool {
        self.effects.is_empty() && !self.asks
    }

    fn take(&mut self) -> Frame {
        Frame::new(self.upto, std::mem::take(&mut self.effects), std::mem::take(&mut self.asks))
    }
}

async fn run(
    mut messages: mpsc::UnboundedReceiver<Message>,
    frames: broadcast::Sender<Arc<Frame>>,
    from: Seq,
) {
    let mut pending = Pending { upto: from, effects: Effects::default(), asks: false };
    let mut sent_at = Instant::now();
    loop {
        let silent = match timeout_at(sent_at + HEARTBEAT, messages.recv()).await {
            Ok(None) => return,
            Ok(Some(message)) => {
                pending.add(message);
                false
            }
            Err(_) => true,
        };
        if pending.is_empty() && !silent {
            continue;
        }
        // Also when that time is over already: what is there goes along.
        while let Ok(Some(message)) = timeout_at(sent_at + WINDOW, messages.recv()).await {
            pending.add(message);
        }
        let _nobody_follows = frames.send(Arc::new(pending.take()));
        sent_at = Instant::now();
    }
}

/// Why somebody may not follow.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// It has no live token, or not from there.
    #[error(transparent)]
    Authorize(#[from] AuthorizeError),
    /// The log cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a follower hears next.
#[derive(Debug)]
pub enum Heard {
    /// Something happened, or nothing for a while.
    Frame(Arc<Frame>),
    /// More happened than it could be told. It must fetch lists and accounts again; what comes
    /// next is up to date from this number on.
    Missed(Seq),
}

/// A follower of the feed.
pub struct Follower {
    authority: Authority,
    org_id: OrgId,
    client_id: ClientId,
    expires_at: UnixTime,
    status: StatusRef,
    address: IpAddr,
    from: Seq,
    next: Option<Heard>,
    frames: broadcast::Receiver<Arc<Frame>>,
    stop: watch::Receiver<bool>,
    registration: Registration,
}

impl Authority {
    /// Follows the feed with a live token: from the event `after` on, or from now.
    ///
    /// # Errors
    ///
    /// [`FollowError`].
    pub async fn follow(
        &self,
        token: &str,
        address: IpAddr,
        after: Option<Seq>,
    ) -> Result<Follower, FollowError> {
        let (claims, principal) = self.read_live(token).ok_or(AuthorizeError::Dead)?;
        self.admit(&*principal, address).map_err(AuthorizeError::from)?;
        // In this order: what is sent from here on is heard, and all that was sent before is in
        // memory by the number that is read next.
        let frames = self.0.feed.frames.subscribe();
        let head = self.0.view.seq();
        let next = match after {
            None => Heard::Frame(Arc::new(Frame::new(head, Effects::default(), false))),
            Some(after) if head < after || head.0 - after.0 > MAX_BACKLOG => Heard::Missed(head),
            Some(after) => {
                let missed = self.effects(after, head).await?;
                Heard::Frame(Arc::new(Frame::new(head, missed, false)))
            }
        };
        let org_id = principal.rights.org_id;
        Ok(Follower {
            authority: self.clone(),
            org_id,
            client_id: claims.client_id,
            expires_at: claims.expires_at,
            status: claims.status,
            address,
            from: after.unwrap_or(head).min(head),
            next: Some(next),
            frames,
            stop: self.0.stop.subscribe(),
            registration: self.register_follower(org_id, after.unwrap_or(head).min(head)),
        })
    }

    /// What the entries after `after` did, up to `last` and perhaps beyond.
    async fn effects(&self, after: Seq, last: Seq) -> Result<Effects, StoreError> {
        let store = &*self.0.store;
        let (mut gathered, mut at) = (Gathered::default(), after);
        while at < last {
            let entries = store.entries(at, SLICE).await?;
            let Some(newest) = entries.last() else { break };
            at = newest.seq;
            entries.iter().for_each(|entry| gathered.add(&entry.event, entry.org_id));
        }
        gathered.finish(store).await
    }
}

impl Follower {
    /// The name by which it says how far it is.
    #[must_use]
    pub fn id(&self) -> u128 {
        self.registration.id()
    }

    /// It hears of everything after this event.
    #[must_use]
    pub fn from(&self) -> Seq {
        self.from
    }

    /// The organization whose accounts it hears of.
    #[must_use]
    pub fn org_id(&self) -> OrgId {
        self.org_id
    }

    /// What it hears next; `None` when it may not hear more: its token has died, or the process
    /// is about to end.
    pub async fn next(&mut self) -> Option<Heard> {
        let heard = match self.next.take() {
            Some(first) => first,
            None => self.receive().await?,
        };
        self.may_hear().then_some(heard)
    }

    async fn receive(&mut self) -> Option<Heard> {
        let received = tokio::select! {
            biased;
            _ = self.stop.wait_for(|stop| *stop) => return None,
            received = self.frames.recv() => received,
        };
        match received {
            Ok(frame) => Some(Heard::Frame(frame)),
            Err(RecvError::Lagged(_)) => {
                // Again in this order: see `follow`.
                self.frames = self.frames.resubscribe();
                Some(Heard::Missed(self.authority.0.view.seq()))
            }
            Err(RecvError::Closed) => None,
        }
    }

    fn may_hear(&self) -> bool {
        let inner = &*self.authority.0;
        inner.clock.now() < self.expires_at
            && !inner.view.is_revoked(self.status)
            && inner.view.principal(self.client_id).is_some_and(|principal| {
                principal.access_list.as_ref().is_none_or(|l| l.find(self.address).is_some())
            })
    }
}
