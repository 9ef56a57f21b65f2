//! What is promised of API keys.

use enumset::EnumSet;
use rescind_core::{
    api_key::ApiKey,
    id::{ApiKeyId, OrgId},
    organization::Organization,
    role::OrgRole,
};
use rescind_store::{AccessEntryUse, Change, Seq, Store};

use crate::{backend::Backend, samples::*};

/// An organization with keys 1 and 2, and one entry in the access list of the second; what else is
/// there has the same numbers.
async fn with_keys(store: &dyn Store) {
    stocked(store).await;
    let changes = [
        Change::ApiKeyCreated(stored_key(1)),
        Change::ApiKeyCreated(stored_key(2)),
        key_listed(2, "192.0.2.0/24"),
    ];
    commit(store, changes).await;
}

fn key_listed(n: u8, network: &str) -> Change {
    let network = network.parse().unwrap();
    Change::AccessListEntryAdded { owner: api_key(n).into(), network }
}

/// A key as the management API sees it, which requests must see alike, one by one and at a start.
async fn key_in(store: &dyn Store, n: u8) -> Option<ApiKey> {
    let alone = store.api_key_principal(api_key(n)).await.unwrap();
    let snapshot = store.snapshot(NOW).await.unwrap().api_keys;
    let found = snapshot.into_iter().find(|found| found.id == api_key(n));
    assert_eq!(format!("{found:?}"), format!("{alone:?}"));
    let shown = store.api_keys(&[api_key(n)]).await.unwrap().pop();
    if let (Some(alone), Some(shown)) = (&alone, &shown) {
        assert_eq!((alone.id, alone.public_key), (shown.id, shown.public_key));
        assert_eq!((alone.rights.org_id, alone.rights.roles), (shown.org_id, shown.roles));
        assert_eq!(alone.credentials, shown.credentials);
        assert!(alone.rights.assignments.is_empty());
    }
    assert_eq!(alone.is_some(), shown.is_some());
    shown
}

async fn networks_of(store: &dyn Store, n: u8) -> Vec<String> {
    let entries = store.access_entries(api_key(n).into()).await.unwrap();
    entries.iter().map(|entry| entry.network.to_string()).collect()
}

pub(crate) async fn an_api_key_is_kept_as_it_was_made(backend: impl Backend) {
    let store = backend.open().await;
    with_keys(&*store).await;
    drop(store);
    let store = backend.open().await;
    for n in [1, 2] {
        let shown = format!("{:?}", key_in(&*store, n).await.unwrap());
        assert_eq!(shown, format!("{:?}", stored_key(n)));
        assert_eq!(key_in(&*store, n).await.unwrap().credentials, stored_key(n).credentials);
    }
}

pub(crate) async fn an_api_key_is_described_anew_and_has_other_roles(backend: impl Backend) {
    let store = backend.open().await;
    with_keys(&*store).await;
    let api_key_id = api_key(1);
    let description = "of another use".to_owned();
    commit(&*store, [Change::ApiKeyDescriptionChanged { api_key_id, description }]).await;
    assert_eq!(key_in(&*store, 1).await.unwrap().description, "of another use");
    for roles in [OrgRole::Member | OrgRole::GroupCreator, EnumSet::empty()] {
        commit(&*store, [Change::ApiKeyRolesChanged { api_key_id, roles }]).await;
        assert_eq!(key_in(&*store, 1).await.unwrap().roles, roles);
    }
    let shown = format!("{:?}", key_in(&*store, 2).await.unwrap());
    assert_eq!(shown, format!("{:?}", stored_key(2)));
}

pub(crate) async fn no_two_api_keys_have_one_public_key(backend: impl Backend) {
    let store = backend.open().await;
    with_keys(&*store).await;
    let second = ApiKey { public_key: stored_key(1).public_key, ..stored_key(3) };
    store.commit(NOW, &[transaction([Change::ApiKeyCreated(second)])]).await.unwrap_err();
    assert!(key_in(&*store, 3).await.is_none());
    // Once the first is gone, its name can be given again.
    let again = ApiKey { public_key: stored_key(1).public_key, ..stored_key(3) };
    let changes = [Change::ApiKeyDeleted { api_key_id: api_key(1) }, Change::ApiKeyCreated(again)];
    commit(&*store, changes).await;
    assert_eq!(key_in(&*store, 3).await.unwrap().public_key, stored_key(1).public_key);
}

/// Accounts and keys may have the same number, and have nothing else in common.
pub(crate) async fn the_access_lists_of_keys_and_accounts_are_apart(backend: impl Backend) {
    let store = backend.open().await;
    with_keys(&*store).await;
    commit(&*store, [key_listed(1, "203.0.113.0/24"), listed(1, "198.51.100.0/24")]).await;
    assert_eq!(networks_of(&*store, 1).await, ["203.0.113.0/24"]);
    assert_eq!(networks_in(&*store, 1).await, ["198.51.100.0/24"]);
    let list = store.api_key_principal(api_key(1)).await.unwrap().unwrap().access_list.unwrap();
    assert!(list.find("203.0.113.9".parse().unwrap()).is_some());
    assert!(list.find("198.51.100.9".parse().unwrap()).is_none());
    let used = AccessEntryUse {
        owner: api_key(1).into(),
        network: "203.0.113.0/24".parse().unwrap(),
        requests: 3,
        last_at: NOW,
        last_address: "203.0.113.9".parse().unwrap(),
    };
    store.touch_access_entries(&[used]).await.unwrap();
    let [entry] = store.access_entries(api_key(1).into()).await.unwrap().try_into().unwrap();
    assert_eq!(entry.request_count, 3);
    assert_eq!(entry.last_used, Some((NOW, "203.0.113.9".parse().unwrap())));
    let [other] = store.access_entries(account(1).into()).await.unwrap().try_into().unwrap();
    assert_eq!((other.request_count, other.last_used), (0, None));

    let network = "203.0.113.0/24".parse().unwrap();
    commit(&*store, [Change::AccessListEntryDeleted { owner: api_key(1).into(), network }]).await;
    assert_eq!(networks_of(&*store, 1).await, [""; 0]);
    assert!(key_in(&*store, 1).await.is_some());
    let list = store.api_key_principal(api_key(1)).await.unwrap().unwrap().access_list;
    assert!(list.is_none(), "a list without entries is none");
    assert_eq!(networks_in(&*store, 1).await, ["198.51.100.0/24"]);
}

pub(crate) async fn an_api_key_is_deleted_with_its_access_list(backend: impl Backend) {
    let store = backend.open().await;
    with_keys(&*store).await;
    commit(&*store, [Change::ApiKeyDeleted { api_key_id: api_key(2) }]).await;
    assert!(key_in(&*store, 2).await.is_none());
    assert_eq!(networks_of(&*store, 2).await, [""; 0]);
    commit(&*store, [Change::ApiKeyCreated(stored_key(2))]).await;
    assert!(store.api_key_principal(api_key(2)).await.unwrap().unwrap().access_list.is_none());
    assert!(key_in(&*store, 1).await.is_some());
    assert_eq!(networks_in(&*store, 2).await, ["192.0.2.0/24"], "of account 2");
}

pub(crate) async fn an_organization_is_deleted_with_its_api_keys(backend: impl Backend) {
    let store = backend.open().await;
    with_keys(&*store).await;
    let elsewhere = OrgId::from_bytes([9; 12]);
    let changes = [
        Change::OrganizationCreated(Organization { id: elsewhere, ..organization() }),
        Change::ApiKeyCreated(ApiKey { org_id: elsewhere, ..stored_key(9) }),
        Change::OrganizationDeleted { org_id: ORG },
    ];
    commit(&*store, changes).await;
    for n in [1, 2] {
        assert!(key_in(&*store, n).await.is_none());
    }
    assert_eq!(networks_of(&*store, 2).await, [""; 0]);
    assert_eq!(key_in(&*store, 9).await.unwrap().org_id, elsewhere);
}

pub(crate) async fn api_keys_come_in_the_order_asked_for(backend: impl Backend) {
    let store = backend.open().await;
    with_keys(&*store).await;
    commit(&*store, [Change::ApiKeyCreated(stored_key(3))]).await;
    let asked = [3, 9, 1, 2].map(api_key);
    let found: Vec<ApiKeyId> =
        store.api_keys(&asked).await.unwrap().iter().map(|key| key.id).collect();
    assert_eq!(found, [3, 1, 2].map(api_key));
    assert!(store.api_keys(&[]).await.unwrap().is_empty());
}

pub(crate) async fn what_is_no_api_key_cannot_be_changed(backend: impl Backend) {
    let store = backend.open().await;
    with_keys(&*store).await;
    let api_key_id = api_key(9);
    let owner = api_key_id.into();
    let network = "192.0.2.0/24".parse().unwrap();
    let rows = [
        Change::ApiKeyCreated(ApiKey { org_id: OrgId::from_bytes([9; 12]), ..stored_key(3) }),
        Change::ApiKeyCreated(stored_key(1)),
        Change::ApiKeyDescriptionChanged { api_key_id, description: "d".to_owned() },
        Change::ApiKeyRolesChanged { api_key_id, roles: OrgRole::Owner.into() },
        Change::ApiKeyDeleted { api_key_id },
        Change::AccessListEntryAdded { owner, network },
        Change::AccessListEntryDeleted { owner, network },
        Change::AccessListEntryDeleted { owner: api_key(1).into(), network },
    ];
    let before = format!("{:?}", store.snapshot(NOW).await.unwrap());
    for change in rows {
        let row = format!("{change:?}");
        assert!(store.commit(NOW, &[transaction([change])]).await.is_err(), "row: {row}");
        assert_eq!(format!("{:?}", store.snapshot(NOW).await.unwrap()), before, "row: {row}");
    }
    assert_eq!(store.entries(Seq(11), 100).await.unwrap(), []);
}
