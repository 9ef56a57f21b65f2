//! The installation key opens a store, and another one takes its place.

use rescind_core::{
    adoption::Adopted,
    clock::Clock,
    data_keys::{DataKeys, UnwrapError},
    installation_key::InstallationKey,
    random::Random,
};
use rescind_store::{Actor, Change, Store, StoreError, Transaction};

/// Why a store could not be opened with an installation key.
#[derive(Debug, thiserror::Error)]
pub enum UnlockError {
    /// Nothing was founded in it.
    #[error("the store is empty")]
    Empty,
    /// It is locked with another installation key.
    #[error(
        "the installation key is not the one that this store is locked with: \
         name the right one with --installation-key-file"
    )]
    OtherInstallationKey,
    /// A key in it is damaged.
    #[error("a key in the store is damaged: restore the data directory from a backup")]
    Damaged(#[from] UnwrapError),
    /// It cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The keys that the contents of `store` are closed with. A store that is older than they are gets
/// them, in one commit.
///
/// # Errors
///
/// [`UnlockError`]; nothing has changed then, unless that cannot be known.
pub async fn unlock(
    store: &dyn Store,
    installation_key: &InstallationKey,
    clock: &dyn Clock,
    random: &dyn Random,
) -> Result<DataKeys, UnlockError> {
    let lock = store.installation().await?.ok_or(UnlockError::Empty)?;
    if lock.fingerprint != installation_key.fingerprint() {
        return Err(UnlockError::OtherInstallationKey);
    }
    if let Some(wrapped) = lock.data_keys {
        return Ok(DataKeys::unwrap_with(installation_key, &wrapped)?);
    }
    // Once in the life of a store, so that it may read all of it.
    let snapshot = store.snapshot(clock.now()).await?;
    let api_keys: Vec<_> = snapshot.api_keys.iter().map(|key| (key.id, key.credentials)).collect();
    let Adopted { data_keys, signing_keys, api_keys } =
        Adopted::new(installation_key, &snapshot.signing_keys, &api_keys, random)?;
    let wrapped = data_keys.wrap_under(installation_key, random);
    let adopted = Change::DataKeysAdopted { data_keys: wrapped, signing_keys, api_keys };
    commit(store, clock, adopted).await?;
    Ok(data_keys)
}

/// Locks `store` with the installation key `new` instead of `old`. All that was closed with the
/// data keys stays as it is, so no secret and no token dies of it.
///
/// When this returns, the old key is of no use any more. Whatever happens meanwhile, the store can
/// be opened with one of the two: it is one commit. If it is locked with the new one already,
/// nothing is done: whoever was cut short can ask again.
///
/// # Errors
///
/// [`UnlockError`]; nothing has changed then, unless that cannot be known.
pub async fn rotate_installation_key(
    store: &dyn Store,
    old: &InstallationKey,
    new: &InstallationKey,
    clock: &dyn Clock,
    random: &dyn Random,
) -> Result<(), UnlockError> {
    let lock = store.installation().await?.ok_or(UnlockError::Empty)?;
    if lock.fingerprint == new.fingerprint() && lock.data_keys.is_some() {
        return Ok(());
    }
    let data_keys = unlock(store, old, clock, random).await?;
    let wrapped = data_keys.wrap_under(new, random);
    Ok(commit(store, clock, Change::InstallationKeyRotated(wrapped)).await?)
}

async fn commit(store: &dyn Store, clock: &dyn Clock, change: Change) -> Result<(), StoreError> {
    let (actor, changes) = (Actor::Operator, vec![change]);
    let transaction = Transaction { actor, org_id: None, decided_of: None, changes };
    store.commit(clock.now(), &[transaction]).await?;
    Ok(())
}
