//! How signing keys follow one another, and what that does to tokens: nothing.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rescind_authority::{Actor, Takeover};
use rescind_core::{
    clock::Clock as _,
    key_ring::{KeyState, PUBLISHED_AHEAD_SECONDS},
    random::SystemRandom,
    signing::{Algorithm, KeyId},
    token::AccessToken,
};
use rescind_store::{Change, Event, Seq, Store as _, Transaction};

use crate::support::{Fault, World};

const DAY: i64 = 24 * 3600;

/// The key that signed a token, read from the token itself.
fn kid_of(token: &AccessToken) -> KeyId {
    let header = token.expose().split('.').next().unwrap();
    let header: serde_json::Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    header["kid"].as_str().unwrap().parse().unwrap()
}

impl World {
    async fn token(&self) -> AccessToken {
        self.issue(&self.me, 1).await.remove(0)
    }

    async fn rotate(&self, takeover: Takeover) -> KeyId {
        self.authority.rotate_signing_key(Actor::Operator, takeover).await.unwrap().kid
    }

    fn published(&self) -> Vec<KeyId> {
        let keys = serde_json::to_value(self.authority.jwks()).unwrap();
        let kid = |key: &serde_json::Value| key["kid"].as_str().unwrap().parse().unwrap();
        keys.as_array().unwrap().iter().map(kid).collect()
    }

    fn states(&self) -> Vec<KeyState> {
        self.authority.signing_keys().into_iter().map(|(_, state)| state).collect()
    }

    async fn key_events(&self) -> Vec<Event> {
        let entries = self.store.entries(Seq(0), 1000).await.unwrap();
        let of_keys = |event: &Event| {
            matches!(event, Event::SigningKeyAdded { .. } | Event::SigningKeyRemoved { .. })
        };
        entries.into_iter().map(|entry| entry.event).filter(of_keys).collect()
    }
}

#[tokio::test]
async fn a_new_key_is_published_before_it_signs() {
    let world = World::new().await;
    let old = kid_of(&world.token().await);
    let new = world.rotate(Takeover::Orderly).await;
    assert_eq!(world.published(), [old, new]);

    world.clock.advance(PUBLISHED_AHEAD_SECONDS - 1);
    assert_eq!(kid_of(&world.token().await), old);
    world.clock.advance(1);
    assert_eq!(kid_of(&world.token().await), new);
    assert_eq!(world.published(), [old, new]);
}

#[tokio::test]
async fn a_new_key_can_sign_at_once() {
    let world = World::new().await;
    let old = world.token().await;
    let new = world.rotate(Takeover::AtOnce).await;
    let token = world.token().await;
    assert_eq!(kid_of(&token), new);
    assert_ne!(kid_of(&old), new);
    assert!(world.lives(&old) && world.lives(&token));
}

/// One that this process has verified, one that it has never seen.
#[tokio::test]
async fn the_tokens_of_the_key_before_live_until_they_expire_and_can_be_revoked() {
    let world = World::new().await;
    let [seen, revoked, last] = [world.token().await, world.token().await, world.token().await];
    let new = world.rotate(Takeover::AtOnce).await;
    let world = world.restart().await; // nothing is remembered of what was signed before
    assert_eq!(kid_of(&world.token().await), new);
    assert!(world.lives(&seen) && world.lives(&revoked));
    let me = world.client(&world.me);
    assert!(world.authority.introspect(&me, seen.expose()).is_some());
    world.authority.revoke(&me, revoked.expose()).await.unwrap();
    assert!(!world.lives(&revoked));

    world.clock.advance(3599);
    world.authority.upkeep().await;
    assert!(world.lives(&seen) && world.lives(&last));
    world.clock.advance(1);
    assert!(!world.lives(&seen) && !world.lives(&last));
}

#[tokio::test]
async fn a_key_is_forgotten_when_its_last_token_has_expired() {
    let world = World::new().await;
    let old = kid_of(&world.token().await);
    let new = world.rotate(Takeover::Orderly).await;
    world.clock.advance(PUBLISHED_AHEAD_SECONDS - 1);
    let last = world.token().await;
    world.clock.advance(1 + 3600 + 300 - 1);
    world.authority.upkeep().await;
    assert_eq!(world.published(), [old, new], "the clocks of several servers may differ");
    assert!(!world.lives(&last));
    world.clock.advance(1);
    world.authority.upkeep().await;
    assert_eq!(world.published(), [new]);
    let events = [old, new].map(|kid| Event::SigningKeyAdded { kid });
    let expected = [&events[..], &[Event::SigningKeyRemoved { kid: old }]].concat();
    assert_eq!(world.key_events().await, expected);
    let world = world.restart().await;
    assert_eq!(world.published(), [new]);
}

/// What was verified once is remembered by its text alone, and its key may be gone since.
#[tokio::test]
async fn a_token_whose_key_is_gone_is_none_though_it_was_verified_before() {
    let world = World::new().await;
    let token = world.token().await;
    let old = kid_of(&token);
    world.rotate(Takeover::AtOnce).await;
    assert!(world.lives(&token));
    // As another server might do it, of whose change this one learns from the log.
    let changes = vec![Change::SigningKeyRemoved { kid: old }];
    let removed = Transaction { actor: Actor::Server, org_id: None, decided_of: None, changes };
    world.store.commit(world.clock.now(), &[removed]).await.unwrap();
    world.token().await; // a commit, with which memory follows
    world.issue(&world.colleague, 1).await;
    assert!(!world.lives(&token));
}

#[tokio::test]
async fn a_key_that_another_server_has_made_is_learned_from_the_log() {
    let world = World::new().await;
    let data_keys =
        rescind_authority::unlock(&*world.store, &world.key, &*world.clock, &SystemRandom);
    let data_keys = data_keys.await.unwrap();
    let other = rescind_authority::rotate_signing_key(
        &*world.store,
        &data_keys,
        Algorithm::EdDsa,
        Takeover::AtOnce,
        &*world.clock,
        &SystemRandom,
    );
    let other = other.await.unwrap();
    assert_ne!(kid_of(&world.token().await), KeyId::nil());
    world.issue(&world.colleague, 1).await;
    assert_eq!(kid_of(&world.token().await), other.kid);
    assert_eq!(world.published().last(), Some(&other.kid));
}

#[tokio::test]
async fn a_key_is_replaced_before_it_is_too_old() {
    let mut world = World::new().await;
    world.settings.signing_key_max_age = Some(90 * DAY);
    let world = world.restart().await;
    let old = world.published();
    world.clock.advance(90 * DAY - PUBLISHED_AHEAD_SECONDS - 1);
    world.authority.upkeep().await;
    assert_eq!(world.published(), old);
    world.clock.advance(1);
    for _ in 0..3 {
        world.authority.upkeep().await; // many times, and one new key
    }
    assert_eq!(world.states(), [KeyState::Current, KeyState::Published]);
    world.clock.advance(PUBLISHED_AHEAD_SECONDS);
    assert_ne!(kid_of(&world.token().await), old[0]);
    world.clock.advance(DAY);
    world.authority.upkeep().await;
    assert_eq!(world.states(), [KeyState::Current]);
}

#[tokio::test]
async fn without_an_age_no_key_is_too_old() {
    let world = World::new().await;
    let old = world.published();
    world.clock.advance(100 * 365 * DAY);
    world.authority.upkeep().await;
    assert_eq!(world.published(), old);
}

#[tokio::test]
async fn another_algorithm_is_a_new_key_that_signs_at_once() {
    let mut world = World::new().await;
    let mut tokens = vec![world.token().await];
    // And back again: the key of ES256 that signed before is on its way out.
    for algorithm in [Algorithm::EdDsa, Algorithm::Es256] {
        world.settings.algorithm = algorithm;
        world = world.restart().await;
        tokens.push(world.token().await);
        assert_eq!(world.authority.signing_keys().last().unwrap().0.algorithm, algorithm);
    }
    assert_eq!(world.live_of(&tokens), 3);
    let kids: BTreeSet<_> = tokens.iter().map(kid_of).collect();
    assert_eq!(kids.len(), 3);
    assert_eq!(world.published(), tokens.iter().map(kid_of).collect::<Vec<_>>());
    let world = world.restart().await;
    assert_eq!(world.published().len(), 3, "and no new one without a change");
}

#[tokio::test]
async fn a_rotation_that_failed_changes_nothing() {
    let world = World::new().await;
    let before = world.published();
    world.store.fail_next([Fault::Failed]);
    world.authority.rotate_signing_key(Actor::Operator, Takeover::AtOnce).await.unwrap_err();
    assert_eq!(world.published(), before);
    assert_eq!(kid_of(&world.token().await), before[0]);
}
