//! service-accounts-api.md 4, row "removing/demoting the last Org Owner".

use rescind_authority::{AccountChange, ManageError, Scope};
use rescind_core::role::OrgRole;

use super::{hire, org_roles};
use crate::support::World;

fn demoted() -> AccountChange {
    AccountChange { roles: Some(org_roles(OrgRole::Member)), ..AccountChange::default() }
}

#[tokio::test]
async fn the_last_owner_stays_one() {
    let world = World::new().await;
    let (org_id, last) = (world.org_id, world.owner.client_id);
    let owner = world.caller(&world.owner).await;
    let is_last = |outcome| matches!(outcome, Err(ManageError::LastOwner));
    let demote = |id| {
        let (authority, owner) = (&world.authority, &owner);
        async move {
            authority.change_account(owner, Scope::Org(org_id), id, &demoted()).await.map(drop)
        }
    };
    assert!(is_last(demote(last).await));
    assert!(is_last(world.authority.delete_account(&owner, org_id, last).await));

    let second = hire(&world, org_roles(OrgRole::Owner)).await.client_id;
    demote(second).await.unwrap();
    assert!(is_last(demote(last).await), "the other one is an owner no more");
    let third = hire(&world, org_roles(OrgRole::Owner | OrgRole::Member)).await.client_id;
    world.authority.delete_account(&owner, org_id, third).await.unwrap();
    assert!(is_last(demote(last).await), "the other one is gone");

    let fourth = hire(&world, org_roles(OrgRole::Owner)).await;
    demote(last).await.unwrap();
    let fourth_caller = world.caller(&fourth).await;
    let id = fourth.client_id;
    assert!(is_last(world.authority.delete_account(&fourth_caller, org_id, id).await));
    let world = world.restart().await;
    let fourth_caller = world.caller(&fourth).await;
    assert!(is_last(world.authority.delete_account(&fourth_caller, org_id, id).await));
}

/// Each would leave the other one as the last.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn owners_who_remove_each_other_at_once_leave_one() {
    let world = World::new().await;
    for _ in 0..10 {
        let others = [
            hire(&world, org_roles(OrgRole::Owner)).await,
            hire(&world, org_roles(OrgRole::Owner)).await,
        ];
        let mut tasks = tokio::task::JoinSet::new();
        for (by, of) in [(0, 1), (1, 0)] {
            let (authority, org_id) = (world.authority.clone(), world.org_id);
            let caller = world.caller(&others[by]).await;
            let target = others[of].client_id;
            tasks.spawn(async move {
                authority.change_account(&caller, Scope::Org(org_id), target, &demoted()).await
            });
        }
        let done = tasks.join_all().await.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(done, 1, "whoever was demoted first could not demote any more");
        let owner = world.caller(&world.owner).await;
        for other in others {
            let deleted = world.authority.delete_account(&owner, world.org_id, other.client_id);
            deleted.await.unwrap();
        }
    }
}
