//! When a secret was last used.

use rescind_core::clock::Clock as _;

use crate::support::{ADDRESS, World};

#[tokio::test]
async fn the_last_use_is_written_by_upkeep_and_once() {
    let world = World::new().await;
    world.client(&world.me);
    world.clock.advance(5);
    world.client(&world.me);
    let used_at = world.clock.now();
    world.clock.advance(5);
    let id = world.me.client_id.to_string();
    assert!(world.authority.authenticate(&id, "mdb_sa_sk_wrong", ADDRESS).is_err());
    assert_eq!(world.store.touched(), [], "nobody waits for it to be written");

    world.authority.upkeep().await;
    let expected = [(world.me.secrets[0].0, used_at)];
    assert_eq!(world.store.touched(), expected);
    world.authority.upkeep().await;
    assert_eq!(world.store.touched(), expected, "written already");
}

#[tokio::test]
async fn a_use_that_could_not_be_written_is_written_later() {
    let world = World::new().await;
    world.client(&world.me);
    world.store.set_unreadable(true);
    world.authority.upkeep().await;
    assert_eq!(world.store.touched(), []);
    world.store.set_unreadable(false);
    world.authority.upkeep().await;
    assert_eq!(world.store.touched(), [(world.me.secrets[0].0, world.clock.now())]);
}
