//! conventions.md 4, row "order of `results`": the order of creation.

use rescind_authority::{Range, Scope};
use rescind_core::{
    role::{GroupRole, OrgRole},
    text::Name,
};

use super::{group_roles, hire, org_roles};
use crate::support::World;

/// With a clock that stands still, and then one that was set back while the server was down.
#[tokio::test]
async fn accounts_and_projects_are_listed_as_they_were_made_whatever_the_clock_says() {
    const EACH: usize = 8;
    let mut world = World::new().await;
    let (mut in_org, mut in_group, mut groups) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..2 {
        let owner = world.caller(&world.owner).await;
        for number in 0..EACH {
            in_org.push(hire(&world, org_roles(OrgRole::Member)).await.client_id);
            in_group.push(hire(&world, group_roles(GroupRole::ReadOnly)).await.client_id);
            let name = Name::parse(&format!("project {number}")).unwrap();
            let made = world.authority.create_group(&owner, world.org_id, &name).await;
            groups.push(made.unwrap().id);
        }
        world.clock.advance(-1);
        world = world.restart().await;
    }

    let owner = world.caller(&world.owner).await;
    let all = Range { offset: 0, limit: 500 };
    let listed = async |scope| {
        let (accounts, _) = world.authority.accounts(&owner, scope, all).await.unwrap();
        accounts.iter().map(|shown| shown.account.client_id).collect::<Vec<_>>()
    };
    let mut made_in_org = listed(Scope::Org(world.org_id)).await;
    // Those that the world began with stand first.
    let before = made_in_org.len() - 4 * EACH;
    let before: Vec<_> = made_in_org.drain(..before).collect();
    assert!(before.contains(&world.owner.client_id) && before.contains(&world.me.client_id));
    let interleaved = in_org.iter().zip(&in_group).flat_map(|(one, other)| [*one, *other]);
    assert_eq!(made_in_org, interleaved.collect::<Vec<_>>());
    assert_eq!(listed(Scope::Group(world.group_id)).await, in_group);
    let mut made_groups: Vec<_> =
        world.authority.groups(&owner, all).0.iter().map(|group| group.id).collect();
    assert_eq!(made_groups.remove(0), world.group_id);
    assert_eq!(made_groups, groups);
}
