//! Three operations, and exactly what each of them kills.

use std::time::Duration;

use rescind_authority::{AccountChange, RevokeError, Scope};
use rescind_core::{
    clock::Clock as _,
    text::Name,
    token::{AccessToken, LIFETIME_SECONDS},
};
use rescind_store::Actor;

use crate::support::{ADDRESS, World};

/// More than a block of 64 bits, so that some of a secret's bits are in hand.
const MANY: usize = 70;

/// Tokens of every secret there is.
struct Tokens {
    first_secret: Vec<AccessToken>,
    second_secret: Vec<AccessToken>,
    colleague: Vec<AccessToken>,
    stranger: Vec<AccessToken>,
}

impl Tokens {
    async fn of_all(world: &World) -> Self {
        Self {
            first_secret: world.issue_with(&world.me, 0, MANY).await,
            second_secret: world.issue_with(&world.me, 1, MANY).await,
            colleague: world.issue(&world.colleague, MANY).await,
            stranger: world.issue(&world.stranger, MANY).await,
        }
    }

    /// How many of each live.
    fn live(&self, world: &World) -> [usize; 4] {
        [&self.first_secret, &self.second_secret, &self.colleague, &self.stranger]
            .map(|tokens| world.live_of(tokens))
    }
}

#[tokio::test]
async fn one_token_is_taken_back_alone_and_for_good() {
    let world = World::new().await;
    let tokens = Tokens::of_all(&world).await;
    let me = world.client(&world.me);
    let victim = &tokens.first_secret[33];
    world.authority.revoke(&me, victim.expose()).await.unwrap();
    assert!(!world.lives(victim));
    assert_eq!(tokens.live(&world), [MANY - 1, MANY, MANY, MANY]);
    world.authority.revoke(&me, victim.expose()).await.unwrap();

    let world = world.restart().await;
    assert!(!world.lives(victim));
    assert_eq!(tokens.live(&world), [MANY - 1, MANY, MANY, MANY]);
}

/// oauth-endpoints.md 5.2, row 2: ownership is by account, not by secret.
#[tokio::test]
async fn a_token_of_the_other_secret_is_mine_too() {
    let world = World::new().await;
    let token = world.issue_with(&world.me, 0, 1).await.remove(0);
    let me = world.client_with(&world.me, 1);
    world.authority.revoke(&me, token.expose()).await.unwrap();
    assert!(!world.lives(&token));
}

#[tokio::test]
async fn a_token_of_another_account_stays_alive() {
    let world = World::new().await;
    let me = world.client(&world.me);
    for other in [&world.colleague, &world.stranger] {
        let token = world.issue(other, 1).await.remove(0);
        let revoked = world.authority.revoke(&me, token.expose()).await;
        assert!(matches!(revoked, Err(RevokeError::NotYours)));
        assert!(world.lives(&token));
        world.authority.revoke(&world.client(other), token.expose()).await.unwrap();
        world.authority.revoke(&me, token.expose()).await.unwrap(); // dead, whosever it was
    }
}

#[tokio::test]
async fn all_tokens_of_a_secret_die_and_no_others() {
    let world = World::new().await;
    let tokens = Tokens::of_all(&world).await;
    let (org_id, client_id, secret_id) = (world.org_id, world.me.client_id, world.me.secrets[0].0);
    world
        .authority
        .revoke_tokens_of_secret(Actor::Operator, org_id, client_id, secret_id)
        .await
        .unwrap();
    assert_eq!(tokens.live(&world), [0, MANY, MANY, MANY]);

    // The rest of its blocks were in hand; what they are good for died with the others.
    let later = world.issue_with(&world.me, 0, MANY).await;
    assert_eq!(world.live_of(&later), MANY);

    let world = world.restart().await;
    assert_eq!(tokens.live(&world), [0, MANY, MANY, MANY]);
    assert_eq!(world.live_of(&later), MANY);
    let after = world.issue_with(&world.me, 0, MANY).await;
    assert_eq!(world.live_of(&after), MANY);
}

#[tokio::test]
async fn all_tokens_of_an_account_die_and_no_others() {
    let world = World::new().await;
    let tokens = Tokens::of_all(&world).await;
    let client_id = world.me.client_id;
    world
        .authority
        .revoke_tokens_of_account(Actor::Operator, world.org_id, client_id)
        .await
        .unwrap();
    assert_eq!(tokens.live(&world), [0, 0, MANY, MANY]);
    let later =
        [world.issue_with(&world.me, 0, MANY).await, world.issue_with(&world.me, 1, MANY).await]
            .concat();
    assert_eq!(world.live_of(&later), 2 * MANY);

    let world = world.restart().await;
    assert_eq!(tokens.live(&world), [0, 0, MANY, MANY]);
    assert_eq!(world.live_of(&later), 2 * MANY);
}

#[tokio::test]
async fn tokens_of_closed_lists_die_with_the_others() {
    let world = World::new().await;
    let mut tokens = Vec::new();
    for _ in 0..4 {
        tokens.extend(world.issue(&world.me, 2).await);
        world.clock.advance(400); // each of them lies in a list of its own
    }
    world
        .authority
        .revoke_tokens_of_account(Actor::Operator, world.org_id, world.me.client_id)
        .await
        .unwrap();
    assert_eq!(world.live_of(&tokens), 0);
    let world = world.restart().await;
    assert_eq!(world.live_of(&tokens), 0);
}

#[tokio::test]
async fn a_token_that_expires_now_is_nobodys() {
    let world = World::new().await;
    let token = world.issue(&world.me, 1).await.remove(0);
    let expires_at = world.clock.now().plus_seconds(LIFETIME_SECONDS);
    let stranger = world.client(&world.stranger);
    world.clock.advance(LIFETIME_SECONDS - 1);
    let revoked = world.authority.revoke(&stranger, token.expose()).await;
    assert!(matches!(revoked, Err(RevokeError::NotYours)));
    world.clock.advance(1);
    assert_eq!(world.clock.now(), expires_at);
    world.authority.revoke(&stranger, token.expose()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_may_take_the_same_token_back_at_once() {
    let world = World::new().await;
    let token = world.issue(&world.me, 1).await.remove(0);
    let me = world.client(&world.me);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (authority, me, token) = (world.authority.clone(), me.clone(), token.clone());
        tasks.spawn(async move {
            authority.revoke(&me, token.expose()).await.unwrap();
            assert!(authority.authorize(token.expose(), ADDRESS).is_err());
        });
    }
    tasks.join_all().await;
}

/// A follower that has applied the event which the second is told knows of the token.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_finds_it_dead_is_told_an_event_that_covers_its_death() {
    let world = World::new().await;
    let owner = world.caller(&world.owner).await;
    let (me, stranger) = (world.client(&world.me), &world.stranger);
    for token in world.issue(&world.me, 20).await {
        let held = world.store.hold().await;
        let already = world.store.batches().len();
        let authority = world.authority.clone();
        let (org_id, client_id) = (stranger.org_id, stranger.client_id);
        let blocking = tokio::spawn(async move {
            authority.revoke_tokens_of_account(Actor::Operator, org_id, client_id).await.unwrap();
        });
        world.store.wait_for_batches(already + 1).await;
        // Both in the next batch: the token is dead in memory at once, the account must be read.
        let (authority, client, text) = (world.authority.clone(), me.clone(), token.clone());
        let first = tokio::spawn(async move { authority.revoke(&client, text.expose()).await });
        let name = Some(Name::parse("renamed").unwrap());
        let change = AccountChange { name, ..AccountChange::default() };
        let (scope, id) = (Scope::Org(world.org_id), world.me.client_id);
        let renaming = world.authority.change_account(&owner, scope, id, &change);
        let second = async {
            tokio::time::sleep(Duration::from_millis(5)).await; // both stand in the queue
            drop(held);
            while world.lives(&token) {}
            world.authority.revoke(&me, token.expose()).await.unwrap()
        };
        let (renamed, second) = tokio::join!(renaming, second);
        renamed.unwrap();
        blocking.await.unwrap();
        assert!(second >= first.await.unwrap().unwrap());
    }
}
