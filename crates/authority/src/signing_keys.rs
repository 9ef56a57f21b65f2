//! The keys that sign tokens: how one follows another, and the ring of them in memory.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};
use rescind_core::{
    clock::{Clock, UnixTime},
    data_keys::DataKeys,
    jwk::Jwk,
    key_ring::{KeyRing, KeyState, PUBLISHED_AHEAD_SECONDS, states},
    random::Random,
    signing::{Algorithm, KeyInfo, OpenKeyError, SigningKey, WrappedKey},
};
use rescind_store::{Actor, Change, Store, StoreError, Transaction};

use crate::{Authority, CommitError};

/// When a new key begins to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takeover {
    /// When everybody who verifies elsewhere has had time to learn of it.
    Orderly,
    /// Now. Whoever keeps the public keys without asking again refuses its tokens for a while.
    AtOnce,
}

impl Takeover {
    fn signs_from(self, now: UnixTime) -> UnixTime {
        match self {
            Self::Orderly => now.plus_seconds(PUBLISHED_AHEAD_SECONDS),
            Self::AtOnce => now,
        }
    }
}

/// The keys in memory, which follow the change log like all that is there.
pub(crate) struct SigningKeys {
    data_keys: Arc<DataKeys>,
    ring: ArcSwap<KeyRing>,
}

impl SigningKeys {
    /// The keys that `wrapped` hold, in the order in which they were added.
    pub(crate) fn new(
        data_keys: Arc<DataKeys>,
        wrapped: &[WrappedKey],
    ) -> Result<Self, OpenKeyError> {
        let ring = ring(&data_keys, wrapped, None)?;
        Ok(Self { data_keys, ring: ArcSwap::from_pointee(ring) })
    }

    pub(crate) fn ring(&self) -> Guard<Arc<KeyRing>> {
        self.ring.load()
    }

    /// Holds from now on the keys that `wrapped` hold. None that it held before is opened again.
    pub(crate) fn replace(&self, wrapped: &[WrappedKey]) -> Result<(), OpenKeyError> {
        let ring = ring(&self.data_keys, wrapped, Some(&self.ring.load()))?;
        self.ring.store(Arc::new(ring));
        Ok(())
    }
}

fn ring(
    data_keys: &DataKeys,
    wrapped: &[WrappedKey],
    former: Option<&KeyRing>,
) -> Result<KeyRing, OpenKeyError> {
    let open = |wrapped: &WrappedKey| {
        let known = former.and_then(|ring| ring.iter().find(|key| key.info() == wrapped.info));
        known.map_or_else(|| SigningKey::open(wrapped, data_keys).map(Arc::new), |k| Ok(k.clone()))
    };
    let keys = wrapped.iter().map(open).collect::<Result<_, _>>()?;
    KeyRing::new(keys).ok_or(OpenKeyError::Missing)
}

/// The signing keys of a store that nobody serves, each with what it is for.
///
/// # Errors
///
/// [`StoreError`] when they cannot be read.
pub async fn signing_keys(
    store: &dyn Store,
    clock: &dyn Clock,
) -> Result<Vec<(KeyInfo, KeyState)>, StoreError> {
    let keys: Vec<_> = store.signing_keys().await?.iter().map(|key| key.info).collect();
    let states = states(&keys, clock.now());
    Ok(keys.into_iter().zip(states).collect())
}

/// Adds a signing key to a store that nobody serves.
///
/// # Errors
///
/// [`StoreError`] when it must be assumed that there is none.
pub async fn rotate_signing_key(
    store: &dyn Store,
    data_keys: &DataKeys,
    algorithm: Algorithm,
    takeover: Takeover,
    clock: &dyn Clock,
    random: &dyn Random,
) -> Result<KeyInfo, StoreError> {
    let now = clock.now();
    let key = SigningKey::generate(algorithm, data_keys, now, takeover.signs_from(now), random);
    let info = key.info;
    store.commit(now, &[transaction(Actor::Operator, Change::SigningKeyAdded(key))]).await?;
    Ok(info)
}

fn transaction(actor: Actor, change: Change) -> Transaction {
    Transaction { actor, org_id: None, decided_of: None, changes: vec![change] }
}

impl Authority {
    /// The public halves of all keys whose tokens may be live, and of those that will sign
    /// (RFC 7517).
    #[must_use]
    pub fn jwks(&self) -> Vec<Jwk> {
        self.0.view.keys().iter().map(|key| key.jwk()).collect()
    }

    /// All signing keys, the oldest first, each with what it is for.
    #[must_use]
    pub fn signing_keys(&self) -> Vec<(KeyInfo, KeyState)> {
        let keys: Vec<_> = self.0.view.keys().iter().map(|key| key.info()).collect();
        let states = states(&keys, self.0.clock.now());
        keys.into_iter().zip(states).collect()
    }

    /// Adds a signing key of the algorithm that the settings name.
    ///
    /// # Errors
    ///
    /// [`CommitError`] when it must be assumed that there is none.
    pub async fn rotate_signing_key(
        &self,
        actor: Actor,
        takeover: Takeover,
    ) -> Result<KeyInfo, CommitError> {
        let inner = &*self.0;
        let (algorithm, now) = (inner.settings.algorithm, inner.clock.now());
        let signs_from = takeover.signs_from(now);
        let key =
            SigningKey::generate(algorithm, &inner.data_keys, now, signs_from, &*inner.random);
        let info = key.info;
        inner.writer.commit(transaction(actor, Change::SigningKeyAdded(key))).await?;
        tracing::info!(kid = %info.kid, %algorithm, %signs_from, "a new signing key");
        Ok(info)
    }

    /// Adds a signing key in time before the newest one is too old, and forgets those whose tokens
    /// have all expired.
    pub(crate) async fn tend_signing_keys(&self) -> Result<(), CommitError> {
        let now = self.0.clock.now();
        let keys = self.signing_keys();
        for (key, _) in keys.iter().filter(|(_, state)| is_over(*state, now)) {
            let removed = Change::SigningKeyRemoved { kid: key.kid };
            self.0.writer.commit(transaction(Actor::Server, removed)).await?;
            tracing::info!(kid = %key.kid, "a signing key whose tokens have all expired is gone");
        }
        if let Some(max_age) = self.0.settings.signing_key_max_age
            && let Some((newest, _)) = keys.last()
            && newest.created_at.plus_seconds(max_age - PUBLISHED_AHEAD_SECONDS) <= now
        {
            self.rotate_signing_key(Actor::Server, Takeover::Orderly).await?;
        }
        Ok(())
    }
}

fn is_over(state: KeyState, now: UnixTime) -> bool {
    match state {
        KeyState::Published | KeyState::Current => false,
        KeyState::Retired { until } => until <= now,
    }
}
