//! What a commit promises.

use std::{collections::BTreeSet, sync::Arc};

use rescind_store::{Change, Seq};
use tokio::task::JoinSet;

use crate::{backend::Backend, samples::*};

pub(crate) async fn numbers_have_no_gaps_when_writers_race(backend: impl Backend) {
    let store = backend.open().await;
    let mut writers = JoinSet::new();
    for n in 0..40_u8 {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            let revoked = || Change::AccountTokensRevoked { client_id: account(n) };
            let batch = [transaction([revoked(), revoked()]), transaction([revoked()])];
            store.commit(NOW, &batch).await.unwrap()
        });
    }
    let mut given = BTreeSet::new();
    for numbers in writers.join_all().await {
        let [Seq(first), Seq(second)] = [numbers[0].unwrap(), numbers[1].unwrap()];
        assert_eq!(second, first + 2, "others came between the transactions of a batch");
        given.extend([first, first + 1, second]);
    }
    assert_eq!(given, (1..=120).collect());
    let entries = store.entries(Seq(0), 1000).await.unwrap();
    assert_eq!(entries.iter().map(|entry| entry.seq.0).collect::<BTreeSet<_>>(), given);
    assert_eq!(store.snapshot(NOW).await.unwrap().seq, Seq(120));
}

pub(crate) async fn each_transaction_gets_the_number_of_its_first_change(backend: impl Backend) {
    let store = backend.open().await;
    let batch = [
        transaction([Change::OrganizationCreated(organization())]),
        transaction([Change::GroupCreated(group(1)), Change::GroupCreated(group(2))]),
        transaction([Change::GroupCreated(group(3))]),
    ];
    assert_eq!(store.commit(NOW, &batch).await.unwrap(), [Ok(Seq(1)), Ok(Seq(2)), Ok(Seq(4))]);
    assert_eq!(store.commit(NOW, &[]).await.unwrap(), []);
    assert_eq!(commit(&*store, [Change::GroupCreated(group(4))]).await, Seq(5));
}

pub(crate) async fn an_empty_transaction_changes_nothing(backend: impl Backend) {
    let store = backend.open().await;
    commit(&*store, [Change::OrganizationCreated(organization())]).await;
    let batch = [transaction([]), transaction([Change::GroupCreated(group(1))]), transaction([])];
    // It is told the number that the next change will have.
    assert_eq!(store.commit(NOW, &batch).await.unwrap(), [Ok(Seq(2)), Ok(Seq(2)), Ok(Seq(3))]);
    assert_eq!(store.entries(Seq(0), 100).await.unwrap().len(), 2);
    assert_eq!(store.snapshot(NOW).await.unwrap().seq, Seq(2));
}

pub(crate) async fn a_failed_batch_leaves_nothing(backend: impl Backend) {
    let store = backend.open().await;
    commit(&*store, [Change::OrganizationCreated(organization())]).await;
    let list = open_list(&*store, 0).await;
    commit(&*store, [taken(list, 0, 1, (1, 1))]).await;
    let batch = [
        transaction([
            Change::ServiceAccountCreated(service_account(1, vec![stored_secret(1, 0)])),
            revoked(list, 5),
            taken(list, 1, 1, (1, 1)),
        ]),
        transaction([taken(list, 0, 1, (2, 2))]),
    ];
    store.commit(NOW, &batch).await.unwrap_err();
    assert_eq!(store.entries(Seq(0), 100).await.unwrap().len(), 3);
    let snapshot = store.snapshot(NOW).await.unwrap();
    assert_eq!(snapshot.seq, Seq(3));
    assert_eq!(snapshot.principals.len(), 0);
    assert_eq!(bits(&*store).await, []);
    // And the next one gets the number that the failed one would have had.
    assert_eq!(commit(&*store, [taken(list, 1, 1, (2, 2))]).await, Seq(4));
    assert_eq!(count_blocks(&*store, 1).await, 1);
}

pub(crate) async fn a_block_is_never_taken_twice(backend: impl Backend) {
    let store = backend.open().await;
    let list = open_list(&*store, 0).await;
    let other = open_list(&*store, 0).await;
    commit(&*store, [taken(list, 10, 10, (1, 1))]).await;
    let rows = [
        ("the same blocks, another account", taken(list, 10, 10, (2, 2))),
        ("the same blocks, the same secret", taken(list, 10, 10, (1, 1))),
        ("only the first", taken(list, 5, 6, (2, 2))),
        ("only the last", taken(list, 19, 5, (2, 2))),
    ];
    for (row, change) in rows {
        assert!(store.commit(NOW, &[transaction([change])]).await.is_err(), "row: {row}");
    }
    commit(&*store, [taken(list, 0, 10, (2, 2)), taken(list, 20, 1, (2, 2))]).await;
    commit(&*store, [taken(other, 10, 10, (2, 2))]).await;
}

pub(crate) async fn a_block_of_no_list_is_not_taken(backend: impl Backend) {
    let store = backend.open().await;
    let list = open_list(&*store, 0).await;
    let nowhere = rescind_core::status_list::ListId::from_number(list.as_number() + 1);
    store.commit(NOW, &[transaction([taken(nowhere, 0, 1, (1, 1))])]).await.unwrap_err();
    assert_eq!(count_blocks(&*store, 1).await, 0);
}

pub(crate) async fn what_was_committed_is_there_after_reopening(backend: impl Backend) {
    let store = backend.open().await;
    commit(&*store, [Change::InstallationCreated(data_keys(7))]).await;
    commit(&*store, [Change::OrganizationCreated(organization())]).await;
    let account = service_account(1, vec![stored_secret(1, 0)]);
    commit(&*store, [Change::ServiceAccountCreated(account)]).await;
    let list = open_list(&*store, 0).await;
    commit(&*store, [taken(list, 0, 3, (1, 1)), revoked(list, 64)]).await;
    let seen = |snapshot: &rescind_store::Snapshot| format!("{snapshot:?}");
    let before = seen(&store.snapshot(NOW).await.unwrap());
    let entries = store.entries(Seq(0), 100).await.unwrap();
    drop(store);

    let store = backend.open().await;
    assert_eq!(seen(&store.snapshot(NOW).await.unwrap()), before);
    assert_eq!(store.entries(Seq(0), 100).await.unwrap(), entries);
    assert_eq!(bits(&*store).await, [(1, 1)]);
    assert_eq!(commit(&*store, [revoked(list, 0)]).await, Seq(7));
}
