//! Requests that come together share a commit.

use rescind_store::{Seq, Store as _};
use tokio::task::JoinSet;

use crate::support::{Fault, World};

#[tokio::test]
async fn revocations_that_wait_share_the_next_commit() {
    let world = World::new().await;
    let tokens = world.issue(&world.me, 101).await;
    let me = world.client(&world.me);
    let already = world.store.batches().len();
    let entries_before = world.store.entries(Seq(0), 1000).await.unwrap().len();

    let held = world.store.hold().await;
    let mut revoking = JoinSet::new();
    for (number, token) in tokens.iter().enumerate() {
        let (authority, me, token) = (world.authority.clone(), me.clone(), token.clone());
        revoking.spawn(async move { authority.revoke(&me, token.expose()).await.unwrap() });
        if number == 0 {
            world.store.wait_for_batches(already + 1).await;
        }
    }
    // One thread runs the tests' tasks in turn: after this, all of them stand in the queue.
    tokio::task::yield_now().await;
    assert_eq!(world.live_of(&tokens), 101, "nothing is dead before it is on disk");
    drop(held);
    revoking.join_all().await;

    assert_eq!(world.store.batches()[already..], [1, 100]);
    assert_eq!(world.live_of(&tokens), 0);
    let entries = world.store.entries(Seq(0), 1000).await.unwrap();
    assert_eq!(entries.len(), entries_before + 101, "each of them has its own entry in the log");
}

#[tokio::test]
async fn a_commit_that_fails_is_told_to_all_who_shared_it() {
    let world = World::new().await;
    let tokens = world.issue(&world.me, 21).await;
    let me = world.client(&world.me);
    let already = world.store.batches().len();

    let held = world.store.hold().await;
    let mut revoking = JoinSet::new();
    for (number, token) in tokens.iter().cloned().enumerate() {
        let (authority, me) = (world.authority.clone(), me.clone());
        revoking.spawn(async move { (number, authority.revoke(&me, token.expose()).await) });
        if number == 0 {
            world.store.wait_for_batches(already + 1).await;
            world.store.fail_next([Fault::Failed]);
        }
    }
    tokio::task::yield_now().await;
    drop(held);
    let results = revoking.join_all().await;
    let failed: Vec<_> = results.iter().filter(|(_, result)| result.is_err()).collect();
    assert_eq!(world.store.batches()[already..], [1, 20]);
    // The fault hits whichever batch passes the gate first: that of one.
    assert_eq!(failed.len(), 1);
    assert!(world.lives(&tokens[failed[0].0]));
    assert_eq!(world.live_of(&tokens), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn clients_at_full_speed_need_fewer_commits_than_requests() {
    let world = World::new().await;
    let tokens = world.issue(&world.me, 800).await;
    let me = world.client(&world.me);
    let already = world.store.batches().len();
    let mut revoking = JoinSet::new();
    for tokens in tokens.chunks(25).map(<[_]>::to_vec) {
        let (authority, me) = (world.authority.clone(), me.clone());
        revoking.spawn(async move {
            for token in tokens {
                authority.revoke(&me, token.expose()).await.unwrap();
            }
        });
    }
    revoking.join_all().await;
    let batches = &world.store.batches()[already..];
    assert_eq!(batches.iter().sum::<usize>(), 800);
    assert!(batches.len() <= 400, "{} commits for 800 revocations by 32 clients", batches.len());
    assert_eq!(world.live_of(&tokens), 0);
}
