//! Following the feed: what it tells is applied to memory, and a line that breaks is taken up again
//! where it was left.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::time::{sleep, timeout};

use crate::{
    Inner,
    events::{Changed, Event, NoFeed, Reader},
    remote::RemoteError,
};

/// The authority sends something every five seconds: three times of silence, and the line is dead.
const SILENCE: Duration = Duration::from_secs(15);

/// How long to wait before the line is taken up again: longer each time, up to the second.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

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

/// Follows the feed for ever.
pub(crate) async fn run(inner: Arc<Inner>) {
    tokio::spawn(acknowledge(Arc::downgrade(&inner)));
    let mut after = None;
    let mut pause = PAUSES.0;
    loop {
        let before = after;
        let Err(broken) = follow(&inner, &mut after).await;
        if after != before {
            pause = PAUSES.0;
        }
        tracing::warn!(
            error = &broken as &dyn std::error::Error,
            "the feed of {} broke: next try in {pause:?}",
            inner.config.issuer
        );
        // Not all at once, when an authority comes back.
        sleep(pause.mul_f64(0.5 + fastrand::f64())).await;
        pause = (pause * 2).min(PAUSES.1);
    }
}

async fn follow(
    inner: &Inner,
    after: &mut Option<u64>,
) -> Result<std::convert::Infallible, Broken> {
    let mut feed = inner.remote.feed(*after).await?;
    inner.keys.fetch(&inner.remote).await?;
    let mut reader = Reader::default();
    loop {
        let chunk = timeout(SILENCE, feed.chunk()).await.map_err(|_| Broken::Silence)?;
        reader.push(&chunk.map_err(RemoteError::from)?.ok_or(Broken::Ended)?)?;
        while let Some((number, event)) = reader.next()? {
            match event {
                Event::Hello(follower) => {
                    inner.follower.store(Some(Arc::new(follower)));
                    if after.is_none() {
                        // What is held was fetched before anything was heard.
                        inner.distrust(number);
                    }
                }
                Event::Changed(changed) => {
                    inner.apply(number, &changed);
                    *after = Some(number);
                    inner.touch.heard();
                    inner.forget_expired();
                    if changed.acknowledge {
                        inner.asked.notify_one();
                    }
                }
                Event::Missed => {
                    inner.distrust(number);
                    *after = Some(number);
                    inner.touch.heard();
                }
            }
        }
    }
}

impl Inner {
    /// Applies what the feed told, up to the event `number`.
    fn apply(&self, number: u64, changed: &Changed) {
        self.note_heard(number);
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
        self.applied.store(number, Ordering::Release);
    }

    /// Something up to the event `number` may not have been heard of: all is fetched again.
    fn distrust(&self, number: u64) {
        self.note_heard(number);
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
