//! The feed: those who check tokens elsewhere hear at once of what is dead.
//!
//! The writer publishes each commit. What happens within a few milliseconds goes out together, so
//! that many followers cost one message each and not one per revocation; the first of a burst
//! does not wait.

use std::{
    collections::BTreeSet,
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

use crate::{Authority, AuthorizeError, Effects, followers::Registration};

/// How long the second of a burst waits for others, at most.
const WINDOW: Duration = Duration::from_millis(10);

/// How often followers hear that there is nothing new: without it, they cannot tell silence from a
/// line that is dead.
pub const HEARTBEAT: Duration = Duration::from_secs(5);

/// How many frames a follower can be behind before it must start anew.
const BUFFER: usize = 1024;

/// What followers hear at once.
#[derive(Debug)]
pub struct Frame {
    /// With this frame, whoever has had all before it knows of everything up to this number.
    pub upto: Seq,
    /// What happened.
    pub effects: Effects,
    /// The organizations in which somebody waits for all followers to say how far they are.
    pub asks: BTreeSet<OrgId>,
    encoded: OnceLock<Bytes>,
}

impl Frame {
    fn new(upto: Seq, effects: Effects, asks: BTreeSet<OrgId>) -> Self {
        Self { upto, effects, asks, encoded: OnceLock::new() }
    }

    /// Nothing but a place in the log, or what happened up to there.
    fn told(upto: Seq, effects: Effects) -> Self {
        Self::new(upto, effects, BTreeSet::new())
    }

    /// What `encode` made of it when it was first called: it is the same for all followers.
    pub fn encoded(&self, encode: impl FnOnce(&Self) -> Bytes) -> Bytes {
        self.encoded.get_or_init(|| encode(self)).clone()
    }
}

enum Message {
    Committed(Seq, Effects),
    Ask(OrgId, Seq),
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

    /// Asks the followers of an organization how far they are, once they have heard of `event`.
    pub(crate) fn ask(&self, org_id: OrgId, event: Seq) {
        let _ends_with_the_feed = self.incoming.send(Message::Ask(org_id, event));
    }
}

/// What was published and is not yet sent.
struct Pending {
    upto: Seq,
    effects: Effects,
    /// Whose followers are to be asked, and once they have heard of what.
    asks: Vec<(OrgId, Seq)>,
}

impl Pending {
    fn add(&mut self, message: Message) {
        match message {
            Message::Committed(upto, effects) => {
                self.upto = upto;
                self.effects.extend(effects);
            }
            Message::Ask(org_id, event) => self.asks.push((org_id, event)),
        }
    }

    fn is_empty(&self) -> bool {
        self.effects.is_empty() && !self.asks.iter().any(|(_, event)| *event <= self.upto)
    }

    fn take(&mut self) -> Frame {
        let due = self.asks.extract_if(.., |(_, event)| *event <= self.upto);
        let asks = due.map(|(org_id, _)| org_id).collect();
        Frame::new(self.upto, std::mem::take(&mut self.effects), asks)
    }
}

async fn run(
    mut messages: mpsc::UnboundedReceiver<Message>,
    frames: broadcast::Sender<Arc<Frame>>,
    from: Seq,
) {
    let mut pending = Pending { upto: from, effects: Effects::default(), asks: Vec::new() };
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
    /// The last event that it was told to know of.
    told: Seq,
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
        let org_id = principal.rights.org_id;
        let missed = match after {
            None => Some(Effects::default()),
            // Nobody was ever told to know of nothing, nor of what has not happened.
            Some(Seq(0)) => None,
            Some(after) if after > head => None,
            Some(after) => self.backlog(org_id, after, head).await?,
        };
        // From where it goes on, if it goes on from anywhere: were it to lose the line before it
        // hears that it missed something, it must hear that again.
        let from = if missed.is_some() { after.unwrap_or(head) } else { Seq(0) };
        // What it has not said of itself is not known of it.
        let applied = if after.is_some() { from } else { Seq(0) };
        Ok(Follower {
            authority: self.clone(),
            org_id,
            client_id: claims.client_id,
            expires_at: claims.expires_at,
            status: claims.status,
            address,
            from,
            told: head,
            next: Some(match missed {
                Some(missed) => Heard::Frame(Arc::new(Frame::told(head, missed))),
                None => Heard::Missed(head),
            }),
            frames,
            stop: self.0.stop.subscribe(),
            registration: self.register_follower(org_id, applied),
        })
    }
}

impl Follower {
    /// The name by which it says how far it is.
    #[must_use]
    pub fn id(&self) -> u128 {
        self.registration.id()
    }

    /// It hears of everything after this event; of 0, that it missed something.
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
        self.may_hear().then(|| self.in_order(heard))
    }

    /// A frame may have been in the making when this follower was told of more already: the numbers
    /// that it hears never go back.
    fn in_order(&mut self, heard: Heard) -> Heard {
        match heard {
            Heard::Frame(frame) if frame.upto < self.told => {
                let (effects, asks) = (frame.effects.clone(), frame.asks.clone());
                Heard::Frame(Arc::new(Frame::new(self.told, effects, asks)))
            }
            Heard::Frame(frame) => {
                self.told = frame.upto;
                Heard::Frame(frame)
            }
            Heard::Missed(upto) => {
                self.told = self.told.max(upto);
                Heard::Missed(self.told)
            }
        }
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
                self.authority.admitting(&*principal, self.address).is_ok()
            })
    }
}
