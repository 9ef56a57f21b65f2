//! Following the feed: what it tells is applied to memory, and a line that breaks is taken up again
//! where it was left.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::{
    Inner,
    events::{Changed, Event, NoFeed, Reader},
    remote::RemoteError,
    touch::SILENCE,
};

/// How long to wait before the line is taken up again: longer each time, up to the second.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// How often what has expired is let go of, at most: all that is held is looked through.
const SWEPT_EVERY: Duration = Duration::from_secs(10);

/// Acknowledged this often, and at once when somebody waits for it.
const ACKNOWLEDGED_EVERY: Duration = Duration::from_secs(1);

/// Why a line broke.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    Remote(#[from] RemoteError),
    #[error(transparent)]
    NoFeed(#[from] NoFeed),
    #[error("the authority ended the feed")]
    Ended,
    #[error("nothing was heard for {} s", SILENCE.as_secs())]
    Silence,
}

impl Broken {
    /// For how long the authority does not want to be asked, if it said so.
    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Remote(error) => error.retry_after(),
            Self::NoFeed(_) | Self::Ended | Self::Silence => None,
        }
    }
}

/// How far the feed was followed.
#[derive(Default)]
struct Position {
    /// The event to go on from; `None`: from now, with nothing that is held.
    after: Option<u64>,
    /// Whether anything was heard over this line.
    heard: bool,
}

/// Follows the feed for ever.
pub(crate) async fn run(inner: Arc<Inner>) {
    tokio::spawn(acknowledge(Arc::downgrade(&inner)));
    let mut position = Position::default();
    let mut pause = PAUSES.0;
    loop {
        position.heard = false;
        let Err(broken) = follow(&inner, &mut position).await;
        if position.heard {
            pause = PAUSES.0;
        }
        if matches!(broken, Broken::NoFeed(_)) {
            // What could not be read would come again.
            position.after = None;
        }
        // Not all at once, when an authority comes back.
        let wait =
            pause.mul_f64(0.5 + fastrand::f64()).max(broken.retry_after().unwrap_or_default());
        tracing::warn!(
            error = &broken as &dyn std::error::Error,
            "the feed of {} broke: next try in {wait:?}",
            inner.config.issuer
        );
        sleep(wait).await;
        pause = (pause * 2).min(PAUSES.1);
    }
}

async fn follow(
    inner: &Inner,
    position: &mut Position,
) -> Result<std::convert::Infallible, Broken> {
    let opening = timeout(SILENCE, inner.remote.feed(position.after));
    let mut feed = opening.await.map_err(|_| Broken::Silence)??;
    inner.keys.fetch(&inner.remote).await?;
    let mut reader = Reader::default();
    // Comments and halves of events are no word of the authority.
    let mut silent_at = Instant::now() + SILENCE;
    let mut swept_at = Instant::now();
    loop {
        let chunk = timeout_at(silent_at, feed.chunk()).await.map_err(|_| Broken::Silence)?;
        reader.push(&chunk.map_err(RemoteError::from)?.ok_or(Broken::Ended)?)?;
        while let Some((number, event)) = reader.next()? {
            silent_at = Instant::now() + SILENCE;
            match event {
                Event::Hello(follower) => {
                    inner.follower.store(Some(Arc::new(follower)));
                    if position.after.is_none() {
                        // What is held was fetched before anything was heard.
                        inner.distrust(number);
                    }
                }
                Event::Changed(changed) => {
                    inner.apply(number, &changed);
                    // What comes late does not take it back.
                    position.after = position.after.max(Some(number));
                    position.heard = true;
                    inner.touch.heard();
                    if swept_at.elapsed() >= SWEPT_EVERY {
                        inner.forget_expired();
                        swept_at = Instant::now();
                    }
                    if changed.acknowledge {
                        inner.asked.notify_one();
                    }
                }
                Event::Missed => {
                    inner.distrust(number);
                    position.after = Some(number);
                    position.heard = true;
                    inner.touch.heard();
                }
            }
        }
    }
}

impl Inner {
    /// Applies what the feed told, up to the event `number`.
    fn apply(&self, number: u64, changed: &Changed) {
        self.note_heard(|heard| heard.fetch_max(number, Ordering::Relaxed));
        for (list, indices) in &changed.tokens {
            for index in indices {
                self.lists.revoke(*list, *index);
            }
        }
        for (list, blocks) in &changed.blocks {
            for block in blocks {
                self.lists.revoke_block(*list, *block);
            }
        }
        for account in &changed.accounts {
            self.accounts.distrust(*account);
        }
        if changed.organization {
            self.accounts.distrust_all();
        }
        self.applied.fetch_max(number, Ordering::Release);
    }

    /// Something up to the event `number` may not have been heard of: all is fetched again. It may be
    /// another log, which has not come as far as the one before.
    fn distrust(&self, number: u64) {
        self.note_heard(|heard| heard.swap(number, Ordering::Relaxed));
        self.lists.distrust_all();
        self.accounts.distrust_all();
        self.applied.store(number, Ordering::Release);
    }
}

/// Says how far this follower is, for whoever wants to know that a token is dead everywhere.
async fn acknowledge(inner: std::sync::Weak<Inner>) {
    let mut acknowledged = 0;
    loop {
        let Some(inner) = inner.upgrade() else { return };
        let asked = timeout(ACKNOWLEDGED_EVERY, inner.asked.notified()).await.is_ok();
        let applied = inner.applied.load(Ordering::Acquire);
        let Some(follower) = inner.follower.load_full() else { continue };
        if asked || applied != acknowledged {
            match inner.remote.acknowledge(&follower, applied).await {
                Ok(()) => acknowledged = applied,
                Err(error) => tracing::debug!(%error, "could not be acknowledged"),
            }
        }
    }
}
