//! A store becomes a running authority.

use std::sync::Arc;

use rescind_core::{
    account::{Credential, Principal},
    authorization::Rights,
    clock::{Clock, UnixTime},
    id::{ClientId, Ids, OrgId, SecretId},
    installation_key::InstallationKey,
    nonce::NonceKey,
    random::Random,
    secret::{ClientSecret, SecretHasher},
    signing::OpenKeyError,
};
use rescind_store::{Store, StoreError};
use tokio::sync::watch;

use crate::{
    Authority, Inner, Settings,
    access_use::AccessUse,
    attempt::RateLimiters,
    backlog::Turns,
    digest::nobodys_key,
    feed::Feed,
    genuine::GenuineTokens,
    installation_key::{UnlockError, unlock},
    last_used::LastUsed,
    metrics::Metrics,
    population::Population,
    quota::Quota,
    signing_keys::{Takeover, rotate_signing_key},
    status_bits::StatusBits,
    status_lists::SignedLists,
    upkeep,
    used_nonces::UsedNonces,
    view::View,
    writer::Writer,
};

/// Why a store could not become an authority.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The installation key does not open it.
    #[error(transparent)]
    Unlock(#[from] UnlockError),
    /// A signing key in it is damaged.
    #[error(transparent)]
    Key(#[from] OpenKeyError),
    /// It cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Starts an authority over `store`. Its tasks end when the last clone is dropped.
///
/// If the newest signing key is of another algorithm than the one that `settings` name, a key of
/// that is made, which signs at once: a change of the setting is seen as soon as it is made.
///
/// # Errors
///
/// [`StartError`], when nothing can be served.
pub async fn start(
    store: Arc<dyn Store>,
    installation_key: &InstallationKey,
    settings: Settings,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
) -> Result<Authority, StartError> {
    let data_keys = Arc::new(unlock(&*store, installation_key, &*clock, &*random).await?);
    let algorithm = settings.algorithm;
    if store.signing_keys().await?.last().is_none_or(|newest| newest.info.algorithm != algorithm) {
        let at_once = Takeover::AtOnce;
        rotate_signing_key(&*store, &data_keys, algorithm, at_once, &*clock, &*random).await?;
    }
    let now = clock.now();
    let (population, snapshot) = Population::read(&*store, now).await?;
    let hasher = SecretHasher::new(&data_keys);
    let nobody = Arc::new(nobody(&hasher, &*random));
    let quota = settings.limits.live_tokens.map(|limit| Quota::new(limit, &snapshot));
    let nobodys_key = Arc::new(nobodys_key(&data_keys, &*random));
    let view = Arc::new(View::new(population, snapshot, Arc::clone(&data_keys))?);
    // Lists stay in the order of creation, also when the clock has been set back since the last run.
    let ids = Ids::after(view.greatest_id());
    let metrics = Metrics::new(now);
    let feed = Arc::new(Feed::start(view.seq()));
    let inner = Arc::new(Inner {
        writer: Writer::start(
            Arc::clone(&store),
            Arc::clone(&view),
            Arc::clone(&clock),
            metrics.clone(),
            Arc::clone(&feed),
        ),
        status_bits: StatusBits::default(),
        genuine: GenuineTokens::new(&*random),
        last_used: LastUsed::default(),
        access_use: AccessUse::default(),
        quota,
        rate_limiters: RateLimiters::new(settings.limits.oauth, settings.limits.api),
        nonce_key: NonceKey::generate(&*random),
        used_nonces: UsedNonces::default(),
        metrics,
        stop: watch::Sender::new(false),
        feed,
        followers: Arc::default(),
        turns: Turns::default(),
        signed_lists: SignedLists::default(),
        settings,
        clock,
        random,
        store,
        hasher,
        data_keys,
        ids,
        view,
        nobody,
        nobodys_key,
    });
    tokio::spawn(upkeep::run(Arc::downgrade(&inner)));
    Ok(Authority(inner))
}

/// An account with a secret that was thrown away.
fn nobody(hasher: &SecretHasher, random: &dyn Random) -> Principal {
    Principal {
        client_id: ClientId::from_bytes([0; 12]),
        rights: Rights::none(OrgId::from_bytes([0; 12])),
        access_list: None,
        credentials: [Credential {
            id: SecretId::from_bytes([0; 12]),
            hash: hasher.hash(ClientSecret::generate(random).expose()),
            expires_at: UnixTime::from_second(i64::MAX),
        }]
        .into(),
    }
}
