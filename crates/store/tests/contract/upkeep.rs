//! What is promised of the work that is not logged.

use rescind_core::{
    clock::UnixTime,
    id::SecretId,
    live_tokens::Issued,
    status_list::{ListId, Term},
};
use rescind_store::{AccessEntryUse, Change, Seq, Store};

use crate::{backend::Backend, samples::*};

async fn last_used_at(store: &dyn Store, id: SecretId) -> Option<UnixTime> {
    let secrets = account_in(store, 1).await.unwrap().secrets;
    secrets.iter().find(|secret| secret.id == id).unwrap().last_used_at
}

async fn account_with_two_secrets(store: &dyn Store) {
    let account = service_account(1, vec![stored_secret(1, 10), stored_secret(2, 0)]);
    let changes =
        [Change::OrganizationCreated(organization()), Change::ServiceAccountCreated(account)];
    commit(store, changes).await;
}

pub(crate) async fn the_last_use_of_a_secret_is_recorded(backend: impl Backend) {
    let store = backend.open().await;
    account_with_two_secrets(&*store).await;
    assert_eq!(last_used_at(&*store, secret(1)).await, None);
    store.touch_secrets(&[(secret(1), NOW)]).await.unwrap();
    assert_eq!(last_used_at(&*store, secret(1)).await, Some(NOW));
    assert_eq!(last_used_at(&*store, secret(2)).await, None);
    assert_eq!(store.snapshot(NOW).await.unwrap().seq, Seq(2), "it is not a change");
    assert_eq!(store.entries(Seq(2), 1).await.unwrap(), []);
}

pub(crate) async fn the_last_use_of_a_secret_never_goes_back(backend: impl Backend) {
    let store = backend.open().await;
    account_with_two_secrets(&*store).await;
    let [earlier, later] = [NOW.plus_seconds(-5), NOW.plus_seconds(5)];
    store.touch_secrets(&[(secret(1), later), (secret(1), NOW)]).await.unwrap();
    store.touch_secrets(&[(secret(1), earlier)]).await.unwrap();
    assert_eq!(last_used_at(&*store, secret(1)).await, Some(later));
}

pub(crate) async fn a_use_of_a_secret_that_is_gone_is_passed_over(backend: impl Backend) {
    let store = backend.open().await;
    account_with_two_secrets(&*store).await;
    let mut used = vec![(secret(9), NOW); 2000]; // more than a backend may want to record at once
    used.push((secret(2), NOW));
    store.touch_secrets(&used).await.unwrap();
    assert_eq!(last_used_at(&*store, secret(2)).await, Some(NOW));
}

/// `requests` of account 2, by the only entry of its list.
fn used(requests: u64, last_at: UnixTime, last_address: &str) -> AccessEntryUse {
    AccessEntryUse {
        owner: account(2).into(),
        network: "192.0.2.0/24".parse().unwrap(),
        requests,
        last_at,
        last_address: last_address.parse().unwrap(),
    }
}

pub(crate) async fn the_use_of_an_access_list_is_added_up(backend: impl Backend) {
    let store = backend.open().await;
    stocked(&*store).await;
    commit(&*store, [listed(2, "2001:db8::/32")]).await;
    store.touch_access_entries(&[used(3, NOW, "192.0.2.7")]).await.unwrap();
    // Both may be told late; the second came before the first.
    let [earlier, later] = [NOW.plus_seconds(-5), NOW.plus_seconds(5)];
    let told = [used(10, later, "192.0.2.9"), used(1, earlier, "192.0.2.8")];
    store.touch_access_entries(&told).await.unwrap();
    let [entry, other] = store.access_entries(account(2).into()).await.unwrap().try_into().unwrap();
    assert_eq!(entry.request_count, 14);
    assert_eq!(entry.last_used, Some((later, "192.0.2.9".parse().unwrap())));
    assert_eq!((other.request_count, other.last_used), (0, None));
    assert_eq!(store.snapshot(NOW).await.unwrap().seq, Seq(9), "it is not a change");
}

pub(crate) async fn a_use_of_an_entry_that_is_gone_is_passed_over(backend: impl Backend) {
    let store = backend.open().await;
    stocked(&*store).await;
    let gone = AccessEntryUse { owner: account(9).into(), ..used(1, NOW, "192.0.2.7") };
    let unlisted = AccessEntryUse { owner: account(1).into(), ..gone.clone() };
    // More than a backend may want to record at once.
    let mut told = vec![gone; 1000];
    told.extend(vec![unlisted; 1000]);
    told.push(used(1, NOW, "192.0.2.7"));
    store.touch_access_entries(&told).await.unwrap();
    let [entry] = store.access_entries(account(2).into()).await.unwrap().try_into().unwrap();
    assert_eq!(entry.request_count, 1);
    assert_eq!(store.access_entries(account(1).into()).await.unwrap(), []);
}

fn issued(list: ListId, number: u32, tokens: u32) -> Issued {
    Issued { list, number, tokens }
}

pub(crate) async fn what_was_issued_is_noted_by_block_and_never_goes_back(backend: impl Backend) {
    let store = backend.open().await;
    stocked(&*store).await;
    let (old, new) = (open_list(&*store, 10).await, open_list(&*store, 9).await);
    commit(&*store, [taken(old, 0, 2, (1, 1)), taken(new, 0, 1, (1, 2)), taken(new, 1, 1, (2, 1))])
        .await;
    let seq = store.snapshot(NOW).await.unwrap().seq;
    assert_eq!(store.issued(account(1)).await.unwrap(), []);
    store.note_issued(&[issued(old, 1, 3), issued(new, 0, 64)]).await.unwrap();
    store.note_issued(&[issued(old, 1, 5), issued(new, 0, 63), issued(old, 1, 4)]).await.unwrap();
    let mut noted = store.issued(account(1)).await.unwrap();
    noted.sort_by_key(|issued| issued.block());
    assert_eq!(noted, [issued(old, 1, 5), issued(new, 0, 64)]);
    assert_eq!(store.issued(account(2)).await.unwrap(), []);
    let snapshot = store.snapshot(NOW).await.unwrap();
    assert_eq!(snapshot.seq, seq, "it is not a change");
    assert!(snapshot.lists.iter().all(|list| list.revoked.is_empty()), "and revokes nothing");
}

pub(crate) async fn what_was_issued_of_a_block_that_is_gone_is_passed_over(backend: impl Backend) {
    let store = backend.open().await;
    stocked(&*store).await;
    let list = open_list(&*store, 10).await;
    commit(&*store, [taken(list, 0, 1, (1, 1))]).await;
    let gone = ListId::from_number(1);
    let mut told = vec![issued(gone, 0, 1); 2000]; // more than a backend may want to note at once
    told.push(issued(list, 9, 1));
    told.push(issued(list, 0, 7));
    store.note_issued(&told).await.unwrap();
    assert_eq!(store.issued(account(1)).await.unwrap(), [issued(list, 0, 7)]);
}

pub(crate) async fn dead_lists_are_forgotten_and_nothing_else(backend: impl Backend) {
    let store = backend.open().await;
    account_with_two_secrets(&*store).await;
    let (dead, live) = (open_list(&*store, 10).await, open_list(&*store, 9).await);
    let changes = [
        taken(dead, 0, 2000, (1, 1)),
        taken(live, 0, 3, (1, 1)),
        revoked(dead, 1),
        revoked(live, 2),
    ];
    commit(&*store, changes).await;
    let entries = store.entries(Seq(0), 100).await.unwrap();
    // Noted of each of them, so that they can be counted.
    let noted = |list, count| (0..count).map(move |number| Issued { list, number, tokens: 1 });
    let noted: Vec<_> = noted(dead, 2000).chain(noted(live, 3)).collect();
    store.note_issued(&noted).await.unwrap();

    let dies_at = Term::starting(NOW.plus_seconds(-10)).dies_at;
    store.forget_dead_lists(dies_at.plus_seconds(-1)).await.unwrap();
    assert_eq!(store.issued(account(1)).await.unwrap().len(), 2003);
    store.forget_dead_lists(dies_at).await.unwrap();
    store.forget_dead_lists(dies_at).await.unwrap();

    // Even for a reader that believes the list alive, nothing is left of it.
    let snapshot = store.snapshot(NOW).await.unwrap();
    assert_eq!(snapshot.lists.iter().map(|list| list.id).collect::<Vec<_>>(), [live]);
    assert_eq!(bits(&*store).await, [(0, 1 << 2)]);
    assert_eq!(store.issued(account(1)).await.unwrap().len(), 3);
    assert_eq!(snapshot.principals[0].credentials.len(), 2);
    assert_eq!(store.entries(Seq(0), 100).await.unwrap(), entries);
    assert_eq!(snapshot.seq, Seq(8));
}

pub(crate) async fn the_store_grows_with_what_is_in_it(backend: impl Backend) {
    let store = backend.open().await;
    let before = store.size().await.unwrap();
    let revoked = || Change::AccountTokensRevoked { client_id: account(1) };
    let changes: Vec<_> = std::iter::repeat_with(revoked).take(10_000).collect();
    commit(&*store, changes).await;
    assert!(store.size().await.unwrap() > before + 100_000);
}
