//! A store becomes a running authority.

use std::sync::Arc;

use rescind_core::{
    account::{Credential, Principal},
    authorization::Rights,
    clock::{Clock, UnixTime},
    id::{ClientId, OrgId, SecretId},
    installation_key::InstallationKey,
    nonce::NonceKey,
    random::Random,
    secret::{ClientSecret, SecretHasher},
    signing::{KeyRing, OpenKeyError, SigningKey},
};
use rescind_store::{Actor, Change, Store, StoreError, Transaction};
use tokio::sync::watch;

use crate::{
    Authority, Inner, Settings, access_use::AccessUse, attempt::RateLimiters, digest::nobodys_key,
    feed::Feed, genuine::GenuineTokens, last_used::LastUsed, metrics::Metrics,
    status_bits::StatusBits, status_lists::SignedLists, upkeep, used_nonces::UsedNonces,
    view::View, writer::Writer,
};

/// Why a store could not become an authority.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Nothing was founded in it.
    #[error("the store is empty")]
    Empty,
    /// Its secrets were hashed, and its signing keys wrapped, under another installation key.
    #[error(
        "the installation key is not the one that this store was made with: \
         name the right one with --installation-key-file"
    )]
    OtherInstallationKey,
    /// A signing key in it is damaged.
    #[error(transparent)]
    Key(#[from] OpenKeyError),
    /// It cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Starts an authority over `store`. Its tasks end when the last clone is dropped.
///
/// If the store has no key of the algorithm that `settings` name, one is made.
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
    let now = clock.now();
    let mut snapshot = store.snapshot(now).await?;
    match snapshot.installation {
        None => return Err(StartError::Empty),
        Some(fingerprint) if fingerprint != installation_key.fingerprint() => {
            return Err(StartError::OtherInstallationKey);
        }
        Some(_) => {}
    }
    if !snapshot.keys.iter().any(|key| key.algorithm == settings.algorithm) {
        let key = SigningKey::generate(settings.algorithm, installation_key, now, &*random);
        let changes = vec![Change::SigningKeyAdded(key)];
        store
            .commit(
                now,
                &[Transaction { actor: Actor::Operator, org_id: None, decided_of: None, changes }],
            )
            .await?;
        snapshot = store.snapshot(now).await?;
    }
    let keys = snapshot.keys.iter().map(|key| SigningKey::open(key, installation_key));
    let keys = KeyRing::new(keys.collect::<Result<_, _>>()?, settings.algorithm)
        .ok_or(StartError::Empty)?;
    let hasher = SecretHasher::new(installation_key);
    let nobody = Arc::new(nobody(&hasher, &*random));
    let nobodys_key = Arc::new(nobodys_key(installation_key, &*random));
    let view = Arc::new(View::new(snapshot));
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
        rate_limiters: RateLimiters::new(settings.limits.oauth, settings.limits.api),
        nonce_key: NonceKey::generate(&*random),
        used_nonces: UsedNonces::default(),
        metrics,
        stop: watch::Sender::new(false),
        feed,
        followers: Arc::default(),
        signed_lists: SignedLists::default(),
        settings,
        clock,
        random,
        store,
        hasher,
        installation_key: installation_key.clone(),
        keys,
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
        credentials: vec![Credential {
            id: SecretId::from_bytes([0; 12]),
            hash: hasher.hash(ClientSecret::generate(random).expose()),
            expires_at: UnixTime::from_second(i64::MAX),
        }],
    }
}
