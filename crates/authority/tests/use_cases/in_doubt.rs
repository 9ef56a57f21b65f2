//! Commits that fail, or of which nobody can tell.

use rescind_authority::{CommitError, RevokeError};
use rescind_store::Actor;

use crate::support::{Fault, World};

#[tokio::test]
async fn a_failed_revocation_leaves_the_token_alive_and_can_be_repeated() {
    let world = World::new().await;
    let me = world.client(&world.me);
    let token = world.issue(&world.me, 1).await.remove(0);
    world.store.fail_next([Fault::Failed]);
    let revoked = world.authority.revoke(&me, token.expose()).await;
    assert!(matches!(revoked, Err(RevokeError::Commit(CommitError::Store(_)))));
    assert!(world.lives(&token));
    world.authority.revoke(&me, token.expose()).await.unwrap();
    assert!(!world.lives(&token));
}

#[tokio::test]
async fn what_was_in_doubt_and_on_disk_is_seen_after_the_next_commit() {
    let world = World::new().await;
    let me = world.client(&world.me);
    let tokens = world.issue(&world.me, 4).await;
    for token in &tokens[..3] {
        world.store.fail_next([Fault::InDoubt]);
        world.authority.revoke(&me, token.expose()).await.unwrap_err();
    }
    let colleagues = world.issue(&world.colleague, 1).await; // takes a block: a commit
    assert_eq!(world.live_of(&tokens), 1);
    assert_eq!(world.live_of(&colleagues), 1);
    world.authority.revoke(&me, tokens[3].expose()).await.unwrap();
    assert_eq!(world.live_of(&tokens), 0);
}

#[tokio::test]
async fn what_was_in_doubt_is_seen_after_a_restart() {
    let world = World::new().await;
    let me = world.client(&world.me);
    let tokens = world.issue(&world.me, 2).await;
    world.store.fail_next([Fault::InDoubt, Fault::Failed]);
    for token in &tokens {
        world.authority.revoke(&me, token.expose()).await.unwrap_err();
    }
    let world = world.restart().await;
    assert_eq!(tokens.iter().map(|token| world.lives(token)).collect::<Vec<_>>(), [false, true]);
}

/// Bits in hand may be set on disk, unknown to memory: a token with one of them would be dead
/// after a restart, although nobody took it back.
#[tokio::test]
async fn tokens_issued_after_a_revocation_in_doubt_live_on() {
    for fault in [Fault::InDoubt, Fault::Failed] {
        let world = World::new().await;
        let before = world.issue(&world.me, 3).await; // 61 bits of their block are in hand
        world.store.fail_next([fault]);
        let revoked = world
            .authority
            .revoke_tokens_of_account(Actor::Operator, world.org_id, world.me.client_id)
            .await;
        assert!(revoked.is_err());
        let after = world.issue(&world.me, 3).await;
        assert_eq!(world.live_of(&after), 3, "{fault:?}");
        world.issue(&world.colleague, 1).await;
        assert_eq!(world.live_of(&after), 3, "{fault:?}");
        let world = world.restart().await;
        assert_eq!(world.live_of(&after), 3, "{fault:?}");
        let expected = if fault == Fault::Failed { 3 } else { 0 };
        assert_eq!(world.live_of(&before), expected, "{fault:?}");
    }
}

/// The blocks of the account cannot be read, so memory cannot follow what is on disk already.
#[tokio::test]
async fn what_memory_could_not_follow_is_not_answered_with_success() {
    let world = World::new().await;
    let before = world.issue(&world.me, 3).await;
    world.store.set_unreadable(true);
    let revoke_all = || {
        world.authority.revoke_tokens_of_account(Actor::Operator, world.org_id, world.me.client_id)
    };
    assert!(revoke_all().await.is_err());
    assert!(revoke_all().await.is_err(), "nor is what comes after it");
    world.store.set_unreadable(false);
    let after = world.issue(&world.me, 3).await;
    assert_eq!((world.live_of(&before), world.live_of(&after)), (0, 3));
    let world = world.restart().await;
    assert_eq!((world.live_of(&before), world.live_of(&after)), (0, 3));
}

#[tokio::test]
async fn a_list_whose_opening_is_in_doubt_is_never_used() {
    let world = World::new().await;
    let client = world.client(&world.me);
    for fault in [Fault::InDoubt, Fault::Failed, Fault::InDoubt] {
        world.store.fail_next([fault]);
        world.authority.issue(&client).await.unwrap_err();
    }
    let token = world.authority.issue(&client).await.unwrap();
    assert!(world.lives(&token));
    let world = world.restart().await;
    assert!(world.lives(&token));
}
