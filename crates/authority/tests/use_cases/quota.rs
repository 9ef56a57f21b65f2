//! How many live tokens an account can have (oauth-endpoints.md 5.1 row 11, 6.1; conventions.md 6).

use std::num::NonZeroU32;

use rescind_authority::{Authority, Client, CommitError, IssueError, Limits};
use rescind_core::{
    clock::Clock as _,
    status_list::OPEN_SECONDS,
    token::{AccessToken, LIFETIME_SECONDS},
};
use rescind_store::{Actor, Store as _};

use crate::support::{Account, World};

/// Of every account in these tests. Less than a block has bits.
const LIMIT: usize = 5;

async fn limited() -> World {
    let live_tokens = NonZeroU32::new(u32::try_from(LIMIT).unwrap());
    World::limited(Limits { live_tokens, ..Limits::default() }).await
}

fn is_full(answer: &Result<AccessToken, IssueError>) -> bool {
    matches!(answer, Err(IssueError::QuotaReached(_)))
}

/// How many more tokens an account can get.
async fn room(world: &World, account: &Account) -> usize {
    let client = world.client(account);
    for got in 0..=LIMIT {
        let answer = world.authority.issue(&client).await;
        if is_full(&answer) {
            return got;
        }
        answer.unwrap();
    }
    LIMIT + 1
}

#[tokio::test]
async fn an_account_gets_as_many_tokens_as_it_can_have_whatever_its_secret() {
    let world = limited().await;
    let first = world.issue_with(&world.me, 0, LIMIT - 2).await;
    let second = world.issue_with(&world.me, 1, 2).await;
    let head = world.store.snapshot(world.clock.now()).await.unwrap().seq;
    for number in [0, 1] {
        let client = world.client_with(&world.me, number);
        assert!(is_full(&world.authority.issue(&client).await));
    }
    let same = world.store.snapshot(world.clock.now()).await.unwrap().seq;
    assert_eq!(same, head, "nothing was taken for a token that there is not");
    assert_eq!(world.live_of(&first) + world.live_of(&second), LIMIT, "none of the others dies");
    assert_eq!(room(&world, &world.colleague).await, LIMIT);
}

/// oauth-endpoints.md 6.1: a token leaves the count on expiry or revocation.
#[tokio::test]
async fn what_is_taken_back_makes_room_at_once() {
    let me = |world: &World| (world.org_id, world.me.client_id, world.me.secrets[0].0);
    for (row, freed) in [("a token", 1), ("a secret's", LIMIT - 1), ("an account's", LIMIT)] {
        for restarted in [false, true] {
            let mut world = limited().await;
            let mut tokens = world.issue_with(&world.me, 0, LIMIT - 1).await;
            tokens.extend(world.issue_with(&world.me, 1, 1).await);
            if restarted {
                world.authority.upkeep().await;
                world = world.restart().await;
            }
            assert_eq!(room(&world, &world.me).await, 0, "row: {row}");
            let (org, client_id, secret_id) = me(&world);
            let authority = &world.authority;
            match row {
                "a token" => {
                    let client = world.client(&world.me);
                    for _again in 0..3 {
                        authority.revoke(&client, tokens[0].expose()).await.unwrap();
                    }
                }
                "a secret's" => {
                    let actor = Actor::Operator;
                    authority
                        .revoke_tokens_of_secret(actor, org, client_id, secret_id)
                        .await
                        .unwrap();
                }
                _ => {
                    let actor = Actor::Operator;
                    authority.revoke_tokens_of_account(actor, org, client_id).await.unwrap();
                }
            }
            assert_eq!(room(&world, &world.me).await, freed, "row: {row}, restarted: {restarted}");
        }
    }
}

#[tokio::test]
async fn what_expires_makes_room_within_five_minutes() {
    for restarted in [false, true] {
        let mut world = limited().await;
        let early = world.issue(&world.me, 2).await;
        world.clock.advance(OPEN_SECONDS);
        let late = world.issue(&world.me, LIMIT - 2).await;
        if restarted {
            world.authority.upkeep().await;
            world = world.restart().await;
        }
        world.clock.advance(LIFETIME_SECONDS - OPEN_SECONDS - 1);
        assert_eq!(room(&world, &world.me).await, 0, "all of them live");
        world.clock.advance(OPEN_SECONDS + 1);
        assert_eq!((world.live_of(&early), world.live_of(&late)), (0, 0));
        assert_eq!(room(&world, &world.me).await, 2, "the first are gone for five minutes");
        world.authority.upkeep().await;
        world.clock.advance(OPEN_SECONDS);
        assert_eq!(room(&world, &world.me).await, LIMIT - 2);
    }
}

#[tokio::test]
async fn a_deleted_secret_takes_its_tokens_out_of_the_count() {
    let world = limited().await;
    world.issue_with(&world.me, 0, LIMIT - 1).await;
    let owner = world.caller(&world.owner).await;
    let (secret_id, scope) = (world.me.secrets[0].0, rescind_authority::Scope::Org(world.org_id));
    let me = world.me.client_id;
    world.authority.delete_secret(&owner, scope, me, secret_id).await.unwrap();
    let tokens = world.issue_with(&world.me, 1, LIMIT).await;
    assert_eq!(world.live_of(&tokens), LIMIT);
}

#[tokio::test]
async fn of_many_who_ask_at_once_no_more_get_one_than_there_is_room_for() {
    let world = limited().await;
    let clients = [world.client_with(&world.me, 0), world.client_with(&world.me, 1)];
    let ask = async |authority: Authority, client: Client| authority.issue(&client).await.is_ok();
    let mut requests = tokio::task::JoinSet::new();
    for n in 0..40 {
        requests.spawn(ask(world.authority.clone(), clients[n % 2].clone()));
    }
    let granted = requests.join_all().await.into_iter().filter(|granted| *granted).count();
    assert_eq!(granted, LIMIT);
}

#[tokio::test]
async fn after_a_stop_the_count_goes_on() {
    let world = limited().await;
    world.issue_with(&world.me, 0, 2).await;
    world.issue_with(&world.me, 1, 1).await;
    world.authority.upkeep().await;
    let world = world.restart().await;
    world.issue_with(&world.me, 0, 1).await;
    world.authority.upkeep().await;
    let world = world.restart().await;
    assert_eq!(room(&world, &world.me).await, LIMIT - 4);
    assert_eq!(room(&world, &world.colleague).await, LIMIT);
}

/// The bound that docs/config.md states: what was issued since the last upkeep is not counted.
#[tokio::test]
async fn after_a_crash_the_count_lacks_what_was_issued_since_it_was_last_written_down() {
    let world = limited().await;
    world.issue(&world.me, 3).await;
    world.authority.upkeep().await;
    world.issue(&world.me, 1).await;
    let world = world.restart().await;
    assert_eq!(room(&world, &world.me).await, LIMIT - 3);
}

#[tokio::test]
async fn a_count_that_cannot_be_read_grants_nothing_and_is_read_later() {
    let world = limited().await;
    world.issue(&world.me, LIMIT - 1).await;
    world.authority.upkeep().await;
    let world = world.restart().await;
    world.store.set_unreadable(true);
    let refused = world.authority.issue(&world.client(&world.me)).await;
    assert!(matches!(refused, Err(IssueError::Commit(CommitError::Store(_)))));
    world.store.set_unreadable(false);
    assert_eq!(room(&world, &world.me).await, 1);
}

#[tokio::test]
async fn a_count_that_could_not_be_written_down_is_written_later() {
    let world = limited().await;
    world.issue(&world.me, LIMIT - 1).await;
    world.store.set_unreadable(true);
    world.authority.upkeep().await;
    world.store.set_unreadable(false);
    world.authority.upkeep().await;
    let world = world.restart().await;
    assert_eq!(room(&world, &world.me).await, 1);
}

#[tokio::test]
async fn without_a_limit_there_is_none_and_nothing_is_written_down() {
    let world = World::new().await;
    world.issue(&world.me, 150).await;
    world.authority.upkeep().await;
    assert_eq!(world.store.issued(world.me.client_id).await.unwrap(), []);
}
