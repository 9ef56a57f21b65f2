//! The keys that are known by now, and the search for one that is not.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use rescind_core::signing::KeyId;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use crate::{
    Refusal,
    keys::{Keys, Unsigned},
    remote::{Remote, RemoteError},
};

/// Keys are not searched for more often than this. Texts that name made-up ones cost the authority a
/// request a second at the most.
const SEARCHED_EVERY: Duration = Duration::from_secs(1);

/// The keys of the authority.
#[derive(Default)]
pub(crate) struct Keyring {
    keys: ArcSwap<Keys>,
    /// Held during a fetch: whoever needs one meanwhile waits for it, and an older answer never
    /// takes the place of a newer one.
    fetches: Mutex<Fetches>,
}

#[derive(Default)]
struct Fetches {
    /// When a key was last searched for.
    searched_at: Option<Instant>,
    /// When the last fetch was over.
    ended_at: Option<Instant>,
}

impl Keyring {
    /// Whether a key is known still.
    pub(crate) fn holds(&self, kid: KeyId) -> bool {
        self.keys.load().holds(kid)
    }

    /// Fetches the keys anew.
    pub(crate) async fn fetch(&self, remote: &Remote) -> Result<(), RemoteError> {
        self.fetch_within(remote, &mut *self.fetches.lock().await).await
    }

    async fn fetch_within(
        &self,
        remote: &Remote,
        fetches: &mut Fetches,
    ) -> Result<(), RemoteError> {
        let set = remote.keys().await;
        fetches.ended_at = Some(Instant::now());
        self.keys.store(Arc::new(Keys::from(set?)));
        Ok(())
    }

    /// What a compact JWS of this `typ` says, and which key has signed it. One that is not known is
    /// searched for.
    ///
    /// # Errors
    ///
    /// `None`: nobody has signed this, and the keys were asked for after it came.
    /// [`Refusal::Unavailable`]: its key is not known, and could not be searched for now.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        remote: &Remote,
        text: &str,
        typ: &str,
    ) -> Result<Option<(KeyId, T)>, Refusal> {
        let read = || match self.keys.load().read(text, typ) {
            Ok(read) => Some(Some(read)),
            Err(Unsigned::Invalid) => Some(None),
            Err(Unsigned::UnknownKey) => None,
        };
        if let Some(read) = read() {
            return Ok(read);
        }
        let came_at = Instant::now();
        let mut fetches = self.fetches.lock().await;
        if let Some(read) = read() {
            return Ok(read);
        }
        // What was asked before this came may be older than the key: that says nothing.
        let unknown = |why: &str| Refusal::Unavailable(format!("the key is not known: {why}"));
        if fetches.ended_at.is_some_and(|at| came_at <= at) {
            return Err(unknown("the keys had been asked for just before"));
        }
        if fetches.searched_at.is_some_and(|at| at.elapsed() < SEARCHED_EVERY) {
            return Err(unknown("it was searched for less than a second ago"));
        }
        fetches.searched_at = Some(Instant::now());
        self.fetch_within(remote, &mut fetches).await?;
        Ok(read().flatten())
    }
}
