//! What is promised to those who decide of an organization while others do.

use std::sync::Arc;

use rescind_core::{id::OrgId, organization::Organization};
use rescind_store::{Change, EventFilter, Seq, Stale, Transaction, Versioned};
use tokio::task::JoinSet;

use crate::{backend::Backend, samples::*};

fn renamed(name: &str) -> Change {
    Change::OrganizationRenamed { org_id: ORG, name: name.to_owned() }
}

pub(crate) async fn what_was_decided_of_an_older_version_is_stale(backend: impl Backend) {
    let store = backend.open().await;
    stocked(&*store).await;
    let first = [decided(Seq(0), [renamed("one")])];
    assert_eq!(store.commit(NOW, &first).await.unwrap(), [Ok(Seq(9))]);
    for version in [0, 8, 10] {
        let late = [decided(Seq(version), [renamed("two")])];
        assert_eq!(store.commit(NOW, &late).await.unwrap(), [Err(Stale)], "row: {version}");
    }
    let again = [decided(Seq(9), [renamed("two")])];
    assert_eq!(store.commit(NOW, &again).await.unwrap(), [Ok(Seq(10))]);
}

pub(crate) async fn a_stale_transaction_changes_nothing_and_the_rest_of_the_batch_goes_on(
    backend: impl Backend,
) {
    let store = backend.open().await;
    stocked(&*store).await;
    let gone = |client_id| Change::ServiceAccountDeleted { client_id };
    let batch = [
        decided(Seq(0), [renamed("first")]),
        // The first one of the batch has moved the version.
        decided(Seq(0), [renamed("late"), gone(account(1)), gone(account(2))]),
        transaction([Change::AccountTokensRevoked { client_id: account(2) }]),
        decided(Seq(9), [renamed("second")]),
    ];
    let numbers = store.commit(NOW, &batch).await.unwrap();
    assert_eq!(numbers, [Ok(Seq(9)), Err(Stale), Ok(Seq(10)), Ok(Seq(11))]);
    let entries = store.entries(Seq(8), 100).await.unwrap();
    let seqs: Vec<_> = entries.iter().map(|entry| entry.seq.0).collect();
    assert_eq!(seqs, [9, 10, 11]);
    assert_eq!(organization_in(&*store).await.unwrap().value.name, "second");
    assert!(principal_in(&*store, 1).await.is_some() && principal_in(&*store, 2).await.is_some());
    assert_eq!(store.snapshot(NOW).await.unwrap().seq, Seq(11));
}

pub(crate) async fn the_version_is_the_number_of_the_first_change_decided_of_it(
    backend: impl Backend,
) {
    let store = backend.open().await;
    stocked(&*store).await;
    assert_eq!(organization_in(&*store).await.unwrap().version, Seq(0));
    let changes = [renamed("one"), renamed("two"), renamed("three")];
    store.commit(NOW, &[decided(Seq(0), changes)]).await.unwrap();
    assert_eq!(organization_in(&*store).await.unwrap().version, Seq(9));
    drop(store);
    let store = backend.open().await;
    assert_eq!(organization_in(&*store).await.unwrap().version, Seq(9));
}

pub(crate) async fn what_was_not_decided_of_a_version_leaves_it(backend: impl Backend) {
    let store = backend.open().await;
    stocked(&*store).await;
    store.commit(NOW, &[decided(Seq(0), [renamed("one")])]).await.unwrap();
    commit(&*store, [renamed("two")]).await;
    commit(&*store, [Change::AccountTokensRevoked { client_id: account(1) }]).await;
    assert_eq!(organization_in(&*store).await.unwrap().version, Seq(9));
}

pub(crate) async fn of_those_who_decided_at_once_one_goes_through(backend: impl Backend) {
    let store = backend.open().await;
    stocked(&*store).await;
    let mut writers = JoinSet::new();
    for n in 0..20 {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            let batch = [decided(Seq(0), [renamed(&n.to_string())])];
            store.commit(NOW, &batch).await.unwrap()[0].map(|_| n.to_string())
        });
    }
    let through: Vec<_> = writers.join_all().await.into_iter().flatten().collect();
    let [name] = through.try_into().unwrap();
    assert_eq!(organization_in(&*store).await.unwrap().value.name, name);
    assert_eq!(store.snapshot(NOW).await.unwrap().seq, Seq(9));
}

/// Who makes an organization must still be allowed to in its own, which does not change by it.
pub(crate) async fn what_is_decided_of_another_organization_needs_its_version_and_leaves_it(
    backend: impl Backend,
) {
    let store = backend.open().await;
    stocked(&*store).await;
    store.commit(NOW, &[decided(Seq(0), [renamed("one")])]).await.unwrap();
    let id = OrgId::from_bytes([9; 12]);
    let founded = |version| Transaction {
        org_id: Some(id),
        ..decided(version, [Change::OrganizationCreated(Organization { id, ..organization() })])
    };
    let late = store.commit(NOW, &[founded(Seq(0))]).await.unwrap();
    assert_eq!((late, store.organization(id).await.unwrap()), (vec![Err(Stale)], None));
    assert_eq!(store.commit(NOW, &[founded(Seq(9))]).await.unwrap(), [Ok(Seq(10))]);
    assert_eq!(organization_in(&*store).await.unwrap().version, Seq(9));
    assert_eq!(store.organization(id).await.unwrap().unwrap().version, Seq(0));
    let filter = EventFilter { limit: 10, ..EventFilter::default() };
    assert_eq!(store.events(id, &filter).await.unwrap().1, 1, "it begins its own log");
    assert_eq!(store.events(ORG, &filter).await.unwrap().1, 9);
}

pub(crate) async fn an_organization_that_is_gone_has_no_version(backend: impl Backend) {
    let store = backend.open().await;
    stocked(&*store).await;
    let deleted = || Change::OrganizationDeleted { org_id: ORG };
    let elsewhere = Some(Versioned { version: Seq(0), value: OrgId::from_bytes([9; 12]) });
    let batch = [
        Transaction { decided_of: elsewhere, ..transaction([renamed("a")]) },
        decided(Seq(0), [deleted()]),
        decided(Seq(9), [renamed("c")]),
        decided(Seq(0), [deleted()]),
    ];
    let numbers = store.commit(NOW, &batch).await.unwrap();
    assert_eq!(numbers, [Err(Stale), Ok(Seq(9)), Err(Stale), Err(Stale)]);
    assert_eq!(organization_in(&*store).await, None);
}
