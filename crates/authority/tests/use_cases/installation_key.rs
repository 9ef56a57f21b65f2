//! The installation key is exchanged for another one, and nothing else changes.

use rescind_authority::{UnlockError, rotate_installation_key, unlock};
use rescind_core::{installation_key::InstallationKey, random::SystemRandom, role::OrgRole};
use rescind_store::{Event, Seq, Store as _};

use crate::support::{Fault, Key, World};

impl World {
    async fn rotate_to(&self, new: &InstallationKey) -> Result<(), UnlockError> {
        rotate_installation_key(&*self.store, &self.key, new, &*self.clock, &SystemRandom).await
    }

    async fn opens_with(&self, key: &InstallationKey) -> bool {
        unlock(&*self.store, key, &*self.clock, &SystemRandom).await.is_ok()
    }
}

#[tokio::test]
async fn no_token_no_secret_and_no_api_key_dies_of_a_new_installation_key() {
    let mut world = World::new().await;
    let tokens = world.issue(&world.me, 3).await;
    let api_key = Key::of(&world, OrgRole::Owner).await;
    let new = InstallationKey::generate(&SystemRandom);
    world.rotate_to(&new).await.unwrap();
    let old = std::mem::replace(&mut world.key, new);
    let world = world.restart().await; // with the new key

    assert!(!world.opens_with(&old).await);
    assert_eq!(world.live_of(&tokens), 3);
    api_key.caller(&world);
    let me = world.client(&world.me);
    world.client_with(&world.me, 1);
    world.authority.revoke(&me, tokens[0].expose()).await.unwrap();
    assert_eq!(world.live_of(&tokens), 2);
    let events = world.store.entries(Seq(0), 100).await.unwrap();
    let rotated = events.iter().filter(|entry| entry.event == Event::InstallationKeyRotated);
    assert_eq!(rotated.count(), 1);
}

#[tokio::test]
async fn the_wrong_key_rotates_nothing() {
    let world = World::new().await;
    let [wrong, new] = [0, 1].map(|_| InstallationKey::generate(&SystemRandom));
    let before = world.store.entries(Seq(0), 100).await.unwrap();
    let rotated =
        rotate_installation_key(&*world.store, &wrong, &new, &*world.clock, &SystemRandom).await;
    assert!(matches!(rotated, Err(UnlockError::OtherInstallationKey)));
    assert_eq!(world.store.entries(Seq(0), 100).await.unwrap(), before);
    assert!(world.opens_with(&world.key).await);
}

#[tokio::test]
async fn to_ask_again_for_what_is_done_changes_nothing() {
    let world = World::new().await;
    let new = InstallationKey::generate(&SystemRandom);
    world.rotate_to(&new).await.unwrap();
    let after = world.store.entries(Seq(0), 100).await.unwrap();
    world.rotate_to(&new).await.unwrap();
    assert_eq!(world.store.entries(Seq(0), 100).await.unwrap(), after);
}

/// Whatever the store says: one of the two keys opens it, and never both.
#[tokio::test]
async fn a_commit_that_failed_or_is_in_doubt_leaves_one_key_that_opens() {
    for (fault, opens_with_new) in [(Fault::Failed, false), (Fault::InDoubt, true)] {
        let world = World::new().await;
        let new = InstallationKey::generate(&SystemRandom);
        world.store.fail_next([fault]);
        world.rotate_to(&new).await.unwrap_err();
        assert_eq!(world.opens_with(&new).await, opens_with_new, "{fault:?}");
        assert_eq!(world.opens_with(&world.key).await, !opens_with_new, "{fault:?}");
    }
}
