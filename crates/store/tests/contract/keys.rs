//! What is promised of the keys that a store holds, wrapped.

use rescind_core::{
    digest::WrappedHa1s,
    signing::{Algorithm, WrappedKey},
};
use rescind_store::{Change, Event, InstallationLock, Seq};

use crate::{backend::Backend, samples::*};

fn lock(n: u8) -> InstallationLock {
    let data_keys = data_keys(n);
    InstallationLock { fingerprint: data_keys.fingerprint, data_keys: Some(data_keys) }
}

pub(crate) async fn the_data_keys_are_those_that_were_wrapped_last(backend: impl Backend) {
    let store = backend.open().await;
    assert_eq!(store.installation().await.unwrap(), None);
    commit(&*store, [Change::InstallationCreated(data_keys(7))]).await;
    assert_eq!(store.installation().await.unwrap(), Some(lock(7)));
    commit(&*store, [Change::InstallationKeyRotated(data_keys(8))]).await;
    drop(store);
    let store = backend.open().await;
    assert_eq!(store.installation().await.unwrap(), Some(lock(8)));
}

pub(crate) async fn an_installation_is_founded_once(backend: impl Backend) {
    let store = backend.open().await;
    commit(&*store, [Change::InstallationCreated(data_keys(7))]).await;
    let again = transaction([Change::InstallationCreated(data_keys(8))]);
    store.commit(NOW, &[again]).await.unwrap_err();
    assert_eq!(store.installation().await.unwrap(), Some(lock(7)));
}

pub(crate) async fn what_was_not_founded_has_no_keys_to_replace(backend: impl Backend) {
    let store = backend.open().await;
    let adopted =
        Change::DataKeysAdopted { data_keys: data_keys(7), signing_keys: vec![], api_keys: vec![] };
    for change in [Change::InstallationKeyRotated(data_keys(7)), adopted] {
        store.commit(NOW, &[transaction([change])]).await.unwrap_err();
    }
    assert_eq!(store.installation().await.unwrap(), None);
}

/// Neither their names nor their ages tell it.
pub(crate) async fn signing_keys_come_in_the_order_in_which_they_were_added(backend: impl Backend) {
    let store = backend.open().await;
    let keys = [5, 9, 2].map(|n| key(n, Algorithm::ALL[usize::from(n % 4)]));
    for key in keys.clone() {
        commit(&*store, [Change::SigningKeyAdded(key)]).await;
    }
    assert_eq!(store.signing_keys().await.unwrap(), keys);
    assert_eq!(store.snapshot(NOW).await.unwrap().signing_keys, keys);
}

pub(crate) async fn a_signing_key_is_removed_alone(backend: impl Backend) {
    let store = backend.open().await;
    let [one, two] = [1, 2].map(|n| key(n, Algorithm::Es256));
    commit(&*store, [one.clone(), two.clone()].map(Change::SigningKeyAdded)).await;
    let removed = Change::SigningKeyRemoved { kid: one.info.kid };
    // The second time, another server has come first.
    for number in [3, 4] {
        assert_eq!(commit(&*store, [removed.clone()]).await, Seq(number));
        assert_eq!(store.signing_keys().await.unwrap(), std::slice::from_ref(&two));
    }
    let event = Event::SigningKeyRemoved { kid: one.info.kid };
    assert_eq!(store.entries(Seq(2), 1).await.unwrap()[0].event, event);
}

pub(crate) async fn adopted_data_keys_come_with_all_that_is_wrapped(backend: impl Backend) {
    let store = backend.open().await;
    let keys = [1, 2].map(|n| key(n, Algorithm::Es256));
    let founded =
        [Change::InstallationCreated(data_keys(7)), Change::OrganizationCreated(organization())];
    commit(&*store, founded).await;
    commit(&*store, keys.clone().map(Change::SigningKeyAdded)).await;
    commit(&*store, [3, 4].map(|n| Change::ApiKeyCreated(stored_key(n)))).await;
    let signing_keys = keys.clone().map(|key| WrappedKey { sealed: vec![3; 5], ..key }).to_vec();
    let api_keys = [3, 4].map(|n| (api_key(n), WrappedHa1s::from_bytes([n + 90; _]))).to_vec();
    let adopted = |n, signing_keys: &[WrappedKey], api_keys: &[_]| Change::DataKeysAdopted {
        data_keys: data_keys(n),
        signing_keys: signing_keys.to_vec(),
        api_keys: api_keys.to_vec(),
    };
    commit(&*store, [adopted(8, &signing_keys, &api_keys)]).await;
    let all_adopted = async || {
        assert_eq!(store.installation().await.unwrap(), Some(lock(8)));
        let snapshot = store.snapshot(NOW).await.unwrap();
        assert_eq!(snapshot.signing_keys, signing_keys);
        let kept = snapshot.api_keys.iter().map(|key| (key.id, key.credentials));
        assert_eq!(kept.collect::<Vec<_>>(), api_keys);
    };
    all_adopted().await;

    // All or nothing: one that is not there is a mistake.
    let unknown_key = [keys[0].clone(), key(3, Algorithm::Es256)];
    let unknown_api_key = [(api_key(3), api_keys[1].1), (api_key(5), api_keys[0].1)];
    for change in [adopted(9, &unknown_key, &[]), adopted(9, &keys, &unknown_api_key)] {
        store.commit(NOW, &[transaction([change])]).await.unwrap_err();
        all_adopted().await;
    }
}
