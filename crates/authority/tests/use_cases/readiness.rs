//! Whether it can do its work, when nobody asks for a change.

use std::time::Duration;

use rescind_authority::Readiness;
use tokio::time::sleep;

use crate::support::{Fault, World};

/// Longer than the store goes untried.
const A_WHILE: Duration = Duration::from_secs(25);

const READY: Readiness = Readiness { store_writable: true, log_followed: true, stopping: false };

#[tokio::test(start_paused = true)]
async fn a_store_that_works_again_is_found_out() {
    let world = World::new().await;
    let me = world.client(&world.me);
    let token = world.issue(&world.me, 1).await.remove(0);
    assert_eq!(world.authority.readiness(), READY);
    world.store.fail_next([Fault::Failed]);
    world.authority.revoke(&me, token.expose()).await.unwrap_err();
    assert_eq!(world.authority.readiness(), Readiness { store_writable: false, ..READY });
    sleep(A_WHILE).await;
    assert_eq!(world.authority.readiness(), READY);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_is_found_out_although_nobody_writes() {
    let world = World::new().await;
    world.issue(&world.me, 1).await;
    world.store.fail_next([Fault::Failed; 3]);
    sleep(A_WHILE).await;
    assert_eq!(world.authority.readiness(), Readiness { store_writable: false, ..READY });
}

#[tokio::test(start_paused = true)]
async fn what_was_in_doubt_and_on_disk_is_seen_after_a_while() {
    let world = World::new().await;
    let me = world.client(&world.me);
    let token = world.issue(&world.me, 1).await.remove(0);
    world.store.fail_next([Fault::InDoubt]);
    world.authority.revoke(&me, token.expose()).await.unwrap_err();
    assert!(world.lives(&token));
    sleep(A_WHILE).await;
    assert!(!world.lives(&token));
}

#[tokio::test]
async fn memory_that_cannot_follow_the_log_is_not_ready() {
    let world = World::new().await;
    world.issue(&world.me, 1).await;
    world.store.set_unreadable(true);
    let revoked = world.authority.revoke_tokens_of_account(
        rescind_store::Actor::Operator,
        world.org_id,
        world.me.client_id,
    );
    revoked.await.unwrap_err();
    assert_eq!(world.authority.readiness(), Readiness { log_followed: false, ..READY });
}
