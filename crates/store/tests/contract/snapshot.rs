//! What a snapshot promises.

use std::sync::Arc;

use rescind_core::{
    account::{Credential, Principal},
    id::{ClientId, SecretId},
    role::OrgRole,
    signing::Algorithm,
    status_list::{ListId, Term},
};
use rescind_store::{Change, Seq, Versioned};
use tokio::sync::mpsc;

use crate::{backend::Backend, samples::*};

pub(crate) async fn an_empty_store_is_an_empty_snapshot(backend: impl Backend) {
    let store = backend.open().await;
    let snapshot = store.snapshot(NOW).await.unwrap();
    assert_eq!(snapshot.seq, Seq(0));
    assert_eq!(snapshot.organizations, []);
    assert_eq!(snapshot.groups, []);
    assert_eq!(snapshot.signing_keys, []);
    assert!(snapshot.principals.is_empty() && snapshot.api_keys.is_empty());
    assert!(snapshot.lists.is_empty());
}

pub(crate) async fn a_snapshot_is_what_was_committed(backend: impl Backend) {
    let store = backend.open().await;
    let mut roleless = service_account(2, vec![]);
    roleless.roles.clear();
    commit(
        &*store,
        [
            Change::InstallationCreated(data_keys(7)),
            Change::OrganizationCreated(organization()),
            Change::GroupCreated(group(3)),
            Change::GroupCreated(group(4)),
            Change::ServiceAccountCreated(service_account(
                3,
                vec![stored_secret(8, 9), stored_secret(9, 0)],
            )),
            Change::ServiceAccountCreated(roleless),
            Change::ServiceAccountCreated(service_account(1, vec![stored_secret(5, 7)])),
            Change::SigningKeyAdded(key(1, Algorithm::Es512)),
            Change::SigningKeyAdded(key(2, Algorithm::EdDsa)),
        ],
    )
    .await;
    let list = open_list(&*store, 0).await;
    let older = open_list(&*store, 100).await;
    commit(
        &*store,
        [
            taken(list, 0, 2, (1, 5)),
            taken(older, 7, 1, (3, 8)),
            revoked(list, 63),
            revoked(older, 64 * 7),
            revoked(older, 64 * 7 + 63),
        ],
    )
    .await;

    let snapshot = store.snapshot(NOW).await.unwrap();
    assert_eq!(snapshot.seq, Seq(16));
    assert_eq!(snapshot.organizations, [Versioned { version: Seq(0), value: organization() }]);
    let mut groups = snapshot.groups;
    groups.sort_by_key(|group| group.id);
    assert_eq!(groups, [group(3), group(4)]);
    assert_eq!(snapshot.signing_keys, [key(1, Algorithm::Es512), key(2, Algorithm::EdDsa)]);

    let mut principals = snapshot.principals;
    principals.sort_by_key(|principal| principal.client_id);
    let [one, two, three] = principals.try_into().unwrap();
    assert_eq!((one.client_id, one.rights.org_id), (account(1), ORG));
    assert_eq!(one.rights.roles, OrgRole::Owner | OrgRole::BillingReadOnly);
    assert!(one.rights.assignments.is_empty());
    let kept = |credential: &Credential| {
        (credential.id, *credential.hash.as_bytes(), credential.expires_at)
    };
    assert_eq!(
        one.credentials.iter().map(kept).collect::<Vec<_>>(),
        [(secret(5), [5; 32], NOW.plus_seconds(993))]
    );
    assert_eq!(two.client_id, account(2));
    assert!(two.rights.roles.is_empty() && two.credentials.is_empty());
    assert_eq!(
        three.credentials.iter().map(kept).collect::<Vec<_>>(),
        [(secret(8), [8; 32], NOW.plus_seconds(991)), (secret(9), [9; 32], NOW.plus_seconds(1000))]
    );

    let mut lists = snapshot.lists;
    lists.sort_by_key(|list| list.id);
    let [first, second] = lists.try_into().unwrap();
    assert_eq!((first.id, first.term), (list, Term::starting(NOW)));
    assert_eq!(first.revoked, [(0, 1 << 63)]);
    assert_eq!((second.id, second.term), (older, Term::starting(NOW.plus_seconds(-100))));
    assert_eq!(second.revoked, [(7, 1 << 63 | 1)]);
}

pub(crate) async fn secrets_come_oldest_first(backend: impl Backend) {
    let store = backend.open().await;
    // Neither their ids nor the order in which they are given tell their age.
    let secrets = [(4, 20), (9, 30), (2, 10)].map(|(n, age)| stored_secret(n, age)).into();
    let account = service_account(1, secrets);
    commit(
        &*store,
        [Change::OrganizationCreated(organization()), Change::ServiceAccountCreated(account)],
    )
    .await;
    let snapshot = store.snapshot(NOW).await.unwrap();
    let ids: Vec<SecretId> = snapshot.principals[0].credentials.iter().map(|c| c.id).collect();
    assert_eq!(ids, [secret(9), secret(4), secret(2)]);
}

/// Thousands of them, each with what is its own, and none of them twice.
pub(crate) async fn accounts_are_sent_in_the_order_of_their_ids(backend: impl Backend) {
    const COUNT: u16 = 2_500;
    let store = backend.open().await;
    let nth = |n: u16| {
        let mut account = service_account(1, vec![stored_secret(1, 0)]);
        let mut id = [7; 12];
        id[..2].copy_from_slice(&n.to_be_bytes());
        (account.client_id, account.secrets[0].id) =
            (ClientId::from_bytes(id), SecretId::from_bytes(id));
        Change::ServiceAccountCreated(account)
    };
    let created = (0..COUNT).rev().map(nth);
    let changes = std::iter::once(Change::OrganizationCreated(organization())).chain(created);
    commit(&*store, changes.collect::<Vec<_>>()).await;

    let (sender, mut accounts) = mpsc::channel::<Vec<Principal>>(1);
    let mut ids = Vec::new();
    let receive = async {
        while let Some(batch) = accounts.recv().await {
            for account in batch {
                assert_eq!(account.credentials.len(), 1);
                assert_eq!(account.credentials[0].id.as_bytes(), account.client_id.as_bytes());
                ids.push(account.client_id);
            }
        }
    };
    let (snapshot, ()) = tokio::join!(store.load(NOW, sender), receive);
    let snapshot = snapshot.unwrap();
    assert_eq!(snapshot.seq, Seq(u64::from(COUNT) + 1));
    assert!(snapshot.principals.is_empty());
    assert_eq!(ids.len(), usize::from(COUNT));
    assert!(ids.is_sorted_by(|earlier, later| earlier < later));
    let all = store.snapshot(NOW).await.unwrap().principals;
    assert!(all.iter().map(|account| account.client_id).eq(ids));
}

/// Whoever stops to receive wants nothing more, and holds nobody up.
pub(crate) async fn a_store_that_nobody_listens_to_goes_on(backend: impl Backend) {
    let store = backend.open().await;
    stocked(&*store).await;
    let (sender, accounts) = mpsc::channel(1);
    drop(accounts);
    assert_eq!(store.load(NOW, sender).await.unwrap().seq, Seq(8));
    assert_eq!(store.snapshot(NOW).await.unwrap().principals.len(), 2);
}

/// The number of a snapshot is that of the last change in it, also while others commit.
pub(crate) async fn a_snapshot_is_of_one_moment(backend: impl Backend) {
    let store = backend.open().await;
    let list = open_list(&*store, 0).await;
    assert_eq!(list, ListId::from_number(1));
    commit(&*store, [taken(list, 0, 200, (1, 1))]).await;
    let writer = tokio::spawn({
        let store = Arc::clone(&store);
        async move {
            for index in 0..200 {
                commit(&*store, [revoked(list, index * 64)]).await;
            }
        }
    });
    while !writer.is_finished() {
        let snapshot = store.snapshot(NOW).await.unwrap();
        assert_eq!(snapshot.lists[0].revoked.len() as u64, snapshot.seq.0 - 2);
    }
    writer.await.unwrap();
    assert_eq!(bits(&*store).await.len(), 200);
}

pub(crate) async fn lists_that_died_are_left_out(backend: impl Backend) {
    let store = backend.open().await;
    let list = open_list(&*store, 0).await;
    let dies_at = Term::starting(NOW).dies_at;
    let ids = async |now| -> Vec<_> {
        store.snapshot(now).await.unwrap().lists.iter().map(|list| list.id).collect()
    };
    assert_eq!(ids(dies_at.plus_seconds(-1)).await, [list]);
    assert_eq!(ids(dies_at).await, []);
}
