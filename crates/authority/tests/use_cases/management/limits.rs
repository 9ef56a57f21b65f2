//! service-accounts-api.md 4, row "more than 200 SAs in the org", and pages of long lists.

use rescind_authority::{ManageError, Range, Scope};
use rescind_core::role::{GroupRole, OrgRole};

use super::{group_roles, hire, new_account, org_roles};
use crate::support::World;

#[tokio::test]
async fn the_account_after_the_last_is_refused_until_another_one_goes() {
    let world = World::new().await;
    let owner = world.caller(&world.owner).await;
    let (org, group) = (Scope::Org(world.org_id), Scope::Group(world.group_id));
    // The owner and the two of the world are there already.
    for _ in 0..197 {
        hire(&world, org_roles(OrgRole::Member)).await;
    }
    let (in_org, in_group) =
        (new_account(org_roles(OrgRole::Member)), new_account(group_roles(GroupRole::ReadOnly)));
    for (scope, new) in [(org, &in_org), (group, &in_group)] {
        let created = world.authority.create_account(&owner, scope, new).await;
        let org_id = world.org_id;
        assert!(
            matches!(created, Err(ManageError::TooManyAccounts { org_id: id, limit: 200 }) if id == org_id)
        );
    }
    let elsewhere = Scope::Org(world.stranger.org_id);
    let stranger = world.caller(&world.stranger).await;
    world.authority.create_account(&stranger, elsewhere, &in_org).await.unwrap();
    world.authority.delete_account(&owner, world.org_id, world.me.client_id).await.unwrap();
    world.authority.create_account(&owner, group, &in_group).await.unwrap();

    let mut seen = Vec::new();
    for offset in (0..240).step_by(60) {
        let range = Range { offset, limit: 60 };
        let (page, total) = world.authority.accounts(&owner, org, range).await.unwrap();
        assert_eq!((page.len(), total), (60.min(200 - offset.min(200)), 200));
        seen.extend(page.iter().map(|shown| shown.account.client_id));
    }
    assert!(seen.is_sorted(), "oldest first");
    seen.dedup();
    assert_eq!(seen.len(), 200);
    let all = Range { offset: 0, limit: 500 };
    let (assigned, total) = world.authority.accounts(&owner, group, all).await.unwrap();
    assert_eq!((assigned.len(), total), (1, 1));
}
