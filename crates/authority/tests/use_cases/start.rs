//! What can be started, and what cannot.

use std::sync::Arc;

use rescind_authority::{Range, Scope, StartError, UnlockError, found, start};
use rescind_core::{
    clock::Clock as _, installation_key::InstallationKey, random::SystemRandom, signing::Algorithm,
};
use rescind_store::{Event, EventFilter, Seq, Store as _};

use crate::support::{ADDRESS, TestClock, UnreliableStore, World};

#[tokio::test]
async fn another_installation_key_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let before = world.store.entries(Seq(0), 100).await.unwrap();
    let mut settings = world.settings.clone();
    settings.algorithm = Algorithm::EdDsa; // would need a new key, under the wrong one
    let other = InstallationKey::generate(&SystemRandom);
    let (store, clock) = (world.store.clone(), world.clock.clone());
    let started = start(store, &other, settings, clock, Arc::new(SystemRandom)).await;
    assert!(matches!(started, Err(StartError::Unlock(UnlockError::OtherInstallationKey))));
    assert_eq!(world.store.entries(Seq(0), 100).await.unwrap(), before);
}

#[tokio::test]
async fn what_was_founded_is_not_founded_again() {
    let world = World::new().await;
    let before = world.store.entries(Seq(0), 100).await.unwrap();
    let again =
        found(&*world.store, &world.key, Algorithm::Es512, &*world.clock, &SystemRandom).await;
    assert!(again.unwrap().is_none());
    assert_eq!(world.store.entries(Seq(0), 100).await.unwrap(), before);
    assert_eq!(world.store.snapshot(world.clock.now()).await.unwrap().principals.len(), 4);
}

#[tokio::test]
async fn an_empty_store_cannot_be_started_until_it_is_founded() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::new().await; // for its settings
    let store = Arc::new(UnreliableStore::open(dir.path()));
    let clock = Arc::new(TestClock::starting_at(0));
    let key = InstallationKey::generate(&SystemRandom);
    let attempt = || {
        let settings = world.settings.clone();
        start(store.clone(), &key, settings, clock.clone(), Arc::new(SystemRandom))
    };
    assert!(matches!(attempt().await, Err(StartError::Unlock(UnlockError::Empty))));

    let first = found(&*store, &key, Algorithm::Es256, &*clock, &SystemRandom).await;
    let first = first.unwrap().unwrap();
    let authority = attempt().await.unwrap();
    let id = first.client_id.to_string();
    let client = authority.authenticate(&id, first.secret.expose(), ADDRESS).unwrap();
    let token = authority.issue(&client).await.unwrap();
    let caller = authority.authorize(token.expose(), ADDRESS).unwrap();
    assert_eq!(authority.organizations(&caller)[0].id, first.org_id);
    let one = Range { offset: 0, limit: 1 };
    assert_eq!(authority.groups(&caller, one).0[0].id, first.group_id);
    // Its owner can read how it began.
    let filter = EventFilter { limit: 10, ..EventFilter::default() };
    let (events, _) = authority.events(&caller, Scope::Org(first.org_id), filter).await.unwrap();
    let begun = Event::OrganizationCreated { org_id: first.org_id };
    assert_eq!(events.last().unwrap().event, begun);
}
