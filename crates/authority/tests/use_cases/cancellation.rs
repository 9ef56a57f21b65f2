//! A client hangs up while its request is being made durable.

use std::collections::BTreeSet;

use rescind_store::Actor;
use tokio::sync::mpsc;

use crate::support::{World, status_of};

#[tokio::test]
async fn a_revocation_happens_although_nobody_waits_for_it() {
    let world = World::new().await;
    let token = world.issue(&world.me, 1).await.remove(0);
    let (authority, me) = (world.authority.clone(), world.client(&world.me));
    let already = world.store.batches().len();

    let held = world.store.hold().await;
    let text = token.expose().to_owned();
    let revoking = tokio::spawn(async move { authority.revoke(&me, &text).await });
    world.store.wait_for_batches(already + 1).await;
    revoking.abort();
    assert!(revoking.await.unwrap_err().is_cancelled());
    drop(held);

    // Whoever comes next is answered after it.
    let other = world.issue(&world.colleague, 1).await.remove(0);
    assert!(!world.lives(&token) && world.lives(&other));
    let world = world.restart().await;
    assert!(!world.lives(&token) && world.lives(&other));
}

#[tokio::test]
async fn all_tokens_die_although_nobody_waits_for_it() {
    let world = World::new().await;
    let tokens = world.issue(&world.me, 70).await;
    let (authority, org_id, client_id) =
        (world.authority.clone(), world.org_id, world.me.client_id);
    let already = world.store.batches().len();

    let held = world.store.hold().await;
    let revoking = tokio::spawn(async move {
        authority.revoke_tokens_of_account(Actor::Operator, org_id, client_id).await
    });
    world.store.wait_for_batches(already + 1).await;
    revoking.abort();
    assert!(revoking.await.unwrap_err().is_cancelled());
    drop(held);

    let later = world.issue(&world.colleague, 1).await;
    assert_eq!((world.live_of(&tokens), world.live_of(&later)), (0, 1));
}

/// What the cancelled request had taken, a list or a block, is given to nobody else.
#[tokio::test]
async fn a_cancelled_issue_leaves_no_bit_to_be_given_twice() {
    let world = World::new().await;
    let client = world.client(&world.me);
    let (issued, mut tokens) = mpsc::unbounded_channel();
    for _ in 0..6 {
        let already = world.store.batches().len();
        let held = world.store.hold().await;
        let (authority, client) = (world.authority.clone(), client.clone());
        let sender = issued.clone();
        // Until the bits in hand are used up, it needs no commit.
        let issuing = tokio::spawn(async move {
            loop {
                sender.send(authority.issue(&client).await.unwrap()).unwrap();
            }
        });
        world.store.wait_for_batches(already + 1).await;
        issuing.abort();
        assert!(issuing.await.unwrap_err().is_cancelled());
        drop(held);
        let (mine, theirs) =
            (world.issue(&world.me, 130).await, world.issue(&world.colleague, 65).await);
        mine.into_iter().chain(theirs).for_each(|token| issued.send(token).unwrap());
    }
    let mut all = Vec::new();
    while let Ok(token) = tokens.try_recv() {
        all.push(token);
    }
    let bits: BTreeSet<_> = all.iter().map(status_of).collect();
    assert_eq!(bits.len(), all.len(), "two tokens share a status bit");
    assert_eq!(world.live_of(&all), all.len());
    let world = world.restart().await;
    assert_eq!(world.live_of(&all), all.len());
}
