//! No two tokens ever share a status bit.

use std::collections::BTreeSet;

use rescind_core::{status_list::OPEN_SECONDS, token::AccessToken};
use tokio::task::JoinSet;

use crate::support::{Fault, World, status_of};

/// Lets every secret issue `count` tokens at once, by `tasks` tasks each; what was issued, and how
/// many requests failed.
async fn issue_at_once(world: &World, tasks: usize, count: usize) -> (Vec<AccessToken>, usize) {
    let clients = [
        world.client_with(&world.me, 0),
        world.client_with(&world.me, 1),
        world.client(&world.colleague),
        world.client(&world.stranger),
    ];
    let mut issuing = JoinSet::new();
    for client in clients.iter().cycle().take(clients.len() * tasks) {
        let (authority, client) = (world.authority.clone(), client.clone());
        issuing.spawn(async move {
            let mut issued = Vec::new();
            for _ in 0..count {
                issued.push(authority.issue(&client).await.ok());
                tokio::task::yield_now().await;
            }
            issued
        });
    }
    let results = issuing.join_all().await.concat();
    let failed = results.iter().filter(|issued| issued.is_none()).count();
    (results.into_iter().flatten().collect(), failed)
}

#[track_caller]
fn assert_distinct(tokens: &[AccessToken]) {
    let bits: BTreeSet<_> = tokens.iter().map(status_of).collect();
    assert_eq!(bits.len(), tokens.len(), "two tokens share a status bit");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_two_tokens_share_a_bit_over_restarts_and_rotations() {
    let mut world = World::new().await;
    let mut tokens = Vec::new();
    for round in 0..6 {
        let (issued, failed) = issue_at_once(&world, 4, 40).await;
        assert_eq!((issued.len(), failed), (640, 0));
        tokens.extend(issued);
        match round % 3 {
            0 => world.clock.advance(OPEN_SECONDS),
            1 => world = world.restart().await,
            _ => {}
        }
    }
    assert_distinct(&tokens);
    assert_eq!(world.live_of(&tokens), tokens.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_two_tokens_share_a_bit_when_commits_fail_or_are_in_doubt() {
    let mut world = World::new().await;
    let mut tokens = Vec::new();
    for fault in [Fault::Failed, Fault::InDoubt] {
        let mut in_vain = 0;
        for _ in 0..5 {
            world.store.fail_next([fault, fault, fault]);
            let (issued, failed) = issue_at_once(&world, 2, 80).await;
            in_vain += failed;
            tokens.extend(issued);
        }
        let met = 15 - world.store.faults_ahead();
        assert!(in_vain >= met && met > 0, "{met} commits failed, and {in_vain} were told");
        world = world.restart().await;
        tokens.extend(issue_at_once(&world, 2, 80).await.0);
    }
    assert_distinct(&tokens);
    assert_eq!(world.live_of(&tokens), tokens.len());
}

/// An index must not tell how many tokens were issued before it.
#[tokio::test]
async fn bits_are_handed_out_in_no_order() {
    let world = World::new().await;
    let tokens = world.issue(&world.me, 64).await;
    let bits: Vec<_> = tokens.iter().map(|token| status_of(token).1).collect();
    assert!(!bits.is_sorted());
}
