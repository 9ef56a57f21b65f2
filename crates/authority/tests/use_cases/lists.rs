//! Status lists open, close and die.

use rescind_core::{
    clock::Clock as _,
    live_tokens::Issued,
    status_list::{LIST_BLOCKS, OPEN_SECONDS},
    token::LIFETIME_SECONDS,
};
use rescind_store::{Event, Seq, Store as _};

use crate::support::{Fault, World, status_of};

#[tokio::test]
async fn a_list_takes_tokens_until_exactly_its_close() {
    let world = World::new().await;
    let first = world.issue(&world.me, 1).await.remove(0);
    world.clock.advance(OPEN_SECONDS - 1);
    let last = world.issue(&world.me, 1).await.remove(0);
    world.clock.advance(1);
    let next = world.issue(&world.me, 1).await.remove(0);
    assert_eq!(status_of(&first).0, status_of(&last).0);
    assert_ne!(status_of(&last).0, status_of(&next).0);
}

#[tokio::test]
async fn a_run_opens_a_list_of_its_own() {
    let world = World::new().await;
    let before = world.issue(&world.me, 1).await.remove(0);
    let world = world.restart().await;
    let after = world.issue(&world.me, 1).await.remove(0);
    assert_ne!(status_of(&before).0, status_of(&after).0);
    assert!(world.lives(&before) && world.lives(&after));
}

#[tokio::test]
async fn a_full_list_makes_the_next_one_open() {
    let world = World::new().await;
    let client = world.client(&world.me);
    let first = world.authority.issue(&client).await.unwrap();
    // A block whose commit failed may be on disk all the same, so it is never used: this way a
    // list becomes full without a million tokens.
    world.store.fail_next((1..LIST_BLOCKS).map(|_| Fault::Failed));
    let mut taken = 1;
    while world.store.faults_ahead() > 0 {
        if world.authority.issue(&client).await.is_ok() {
            taken += 1;
        }
    }
    assert!(taken <= 64, "only the one block that was taken before is handed out");
    let next = world.authority.issue(&client).await.unwrap();
    assert_ne!(status_of(&first).0, status_of(&next).0);
    assert!(world.lives(&first) && world.lives(&next));
    assert!(world.clock.now() < closing(&world).await, "it was closed before its time");
}

/// When the oldest list closes.
async fn closing(world: &World) -> rescind_core::clock::UnixTime {
    let snapshot = world.store.snapshot(world.clock.now()).await.unwrap();
    snapshot.lists.first().unwrap().term.closes_at
}

#[tokio::test]
async fn a_dead_list_is_forgotten_in_memory_and_on_disk() {
    let world = World::new().await;
    let old = world.issue(&world.me, 100).await.remove(0);
    world.clock.advance(OPEN_SECONDS);
    let newer = world.issue(&world.me, 1).await.remove(0);
    let before_all = world.clock.now().plus_seconds(-OPEN_SECONDS);
    let on_disk = async || {
        let lists = world.store.snapshot(before_all).await.unwrap().lists.len();
        let entries = world.store.entries(Seq(0), 1000).await.unwrap();
        let first_blocks = entries.iter().filter_map(|entry| {
            let Event::BlocksTaken { list, first: 0, .. } = entry.event else { return None };
            Some(Issued { list, number: 0, tokens: 1 })
        });
        // What is gone is passed over.
        world.store.note_issued(&first_blocks.collect::<Vec<_>>()).await.unwrap();
        (lists, world.store.issued(world.me.client_id).await.unwrap().len())
    };

    world.clock.advance(LIFETIME_SECONDS - 1);
    world.authority.upkeep().await;
    assert_eq!(on_disk().await, (2, 2), "a token of the first list could live for a second still");
    world.clock.advance(1);
    world.authority.upkeep().await;
    assert_eq!(on_disk().await, (1, 1));

    // Were the list still in memory, a clock that is set back would bring its token to life.
    world.clock.advance(-LIFETIME_SECONDS);
    assert!(!world.lives(&old));
    assert!(world.lives(&newer));
}

#[tokio::test]
async fn tokens_are_issued_after_a_clock_that_leapt_and_came_back() {
    let world = World::new().await;
    world.issue(&world.me, 1).await;
    world.clock.advance(10 * LIFETIME_SECONDS);
    world.authority.upkeep().await;
    world.clock.advance(-10 * LIFETIME_SECONDS);
    let tokens = world.issue(&world.me, 100).await;
    assert_eq!(world.live_of(&tokens), tokens.len());
}
