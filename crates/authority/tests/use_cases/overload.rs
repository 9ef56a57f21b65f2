//! A store that cannot keep up: what it cannot do in time is refused, and is not done.

use std::time::Duration;

use rescind_authority::{CommitError, IssueError, RevokeError};
use rescind_core::{status_list::LIST_BLOCKS, token::AccessToken};
use rescind_store::Seq;
use tokio::{task::JoinSet, time::advance};

use crate::support::{World, status_of};

/// As many as may wait for their commit.
const QUEUE: usize = 4096;

/// As many as share a commit.
const BATCH: usize = 512;

/// Longer than a commit may take.
const TOO_LONG: Duration = Duration::from_millis(2_100);

type Revocations = JoinSet<Result<Seq, RevokeError>>;

/// Asks for a revocation, and returns when it stands in the queue.
async fn revoke(world: &World, token: &AccessToken, revoking: &mut Revocations) {
    let (authority, me, token) = (world.authority.clone(), world.client(&world.me), token.clone());
    revoking.spawn(async move { authority.revoke(&me, token.expose()).await });
    tokio::task::yield_now().await;
}

fn is_overloaded(result: &Result<Seq, RevokeError>) -> bool {
    matches!(result, Err(RevokeError::Commit(CommitError::Overloaded)))
}

#[tokio::test]
async fn what_waits_behind_a_commit_that_hangs_is_refused_and_not_recorded() {
    let world = World::new().await;
    let tokens = world.issue(&world.me, 3).await;
    let already = world.store.batches().len();
    let held = world.store.hold().await;
    let (mut hanging, mut waiting) = (JoinSet::new(), JoinSet::new());
    revoke(&world, &tokens[0], &mut hanging).await;
    world.store.wait_for_batches(already + 1).await;
    revoke(&world, &tokens[1], &mut waiting).await;
    assert!(world.authority.readiness().store_writable);

    tokio::time::pause();
    advance(TOO_LONG).await;
    assert!(is_overloaded(&waiting.join_next().await.unwrap().unwrap()));
    assert!(!world.authority.readiness().store_writable);
    let me = world.client(&world.me);
    assert!(is_overloaded(&world.authority.revoke(&me, tokens[2].expose()).await), "at once");

    tokio::time::resume();
    drop(held);
    hanging.join_next().await.unwrap().unwrap().unwrap();
    assert_eq!(
        tokens.iter().map(|token| world.lives(token)).collect::<Vec<_>>(),
        [false, true, true]
    );
    assert_eq!(world.store.batches()[already..], [1]);
    // It keeps up again.
    world.authority.revoke(&me, tokens[1].expose()).await.unwrap();
    assert!(world.authority.readiness().store_writable);
}

#[tokio::test]
async fn more_than_the_queue_holds_are_refused_at_once() {
    let world = World::new().await;
    let token = world.issue(&world.me, 1).await.remove(0);
    let already = world.store.batches().len();
    let held = world.store.hold().await;
    let mut revoking = JoinSet::new();
    revoke(&world, &token, &mut revoking).await;
    world.store.wait_for_batches(already + 1).await;
    for _ in 0..QUEUE {
        revoke(&world, &token, &mut revoking).await;
    }
    assert!(revoking.try_join_next().is_none(), "all of them wait");
    let me = world.client(&world.me);
    assert!(is_overloaded(&world.authority.revoke(&me, token.expose()).await));
    drop(held);
    for revoked in revoking.join_all().await {
        revoked.unwrap();
    }
    assert_eq!(world.store.batches()[already..].iter().sum::<usize>(), QUEUE + 1);
}

/// Each commit is quick enough; there are too many before it.
#[tokio::test]
async fn what_has_waited_too_long_for_its_turn_is_refused() {
    const LAST: usize = 88;
    let world = World::new().await;
    let token = world.issue(&world.me, 1).await.remove(0);
    let already = world.store.batches().len();
    let held = world.store.hold().await;
    let mut revoking = JoinSet::new();
    tokio::time::pause();
    revoke(&world, &token, &mut revoking).await;
    world.store.wait_for_batches(already + 1).await;
    for _ in 0..BATCH + LAST {
        revoke(&world, &token, &mut revoking).await;
    }
    advance(TOO_LONG * 2 / 3).await;
    let (held_again, ()) = tokio::join!(world.store.hold(), async { drop(held) });
    world.store.wait_for_batches(already + 2).await;
    advance(TOO_LONG * 2 / 3).await;
    tokio::time::resume();
    drop(held_again);
    let revoked = revoking.join_all().await;
    assert_eq!(world.store.batches()[already..], [1, BATCH]);
    assert_eq!(revoked.iter().filter(|result| is_overloaded(result)).count(), LAST);
    assert_eq!(revoked.iter().filter(|result| result.is_ok()).count(), 1 + BATCH);
}

/// Blocks are taken before they are durable, and one that is lost is lost to its list.
#[tokio::test]
async fn refused_tokens_use_up_no_status_list() {
    let world = World::new().await;
    let token = world.issue(&world.me, 1).await.remove(0);
    let already = world.store.batches().len();
    let held = world.store.hold().await;
    let mut hanging = JoinSet::new();
    revoke(&world, &token, &mut hanging).await;
    world.store.wait_for_batches(already + 1).await;
    tokio::time::pause();
    advance(TOO_LONG).await;
    let colleague = world.client(&world.colleague);
    for _ in 0..LIST_BLOCKS {
        let refused = world.authority.issue(&colleague).await;
        assert!(matches!(refused, Err(IssueError::Commit(CommitError::Overloaded))), "{refused:?}");
    }
    tokio::time::resume();
    drop(held);
    hanging.join_all().await;
    let theirs = world.issue(&world.colleague, 1).await.remove(0);
    assert_eq!(status_of(&theirs).0, status_of(&token).0, "the list is still open");
}
