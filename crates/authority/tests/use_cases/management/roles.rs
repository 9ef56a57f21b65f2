//! A token has the roles that its account has now, not those of its issue.

use enumset::EnumSet;
use rescind_authority::{AccountChange, Denied, ManageError, Roles, Scope};
use rescind_core::role::{GroupRole, OrgRole};

use super::{group_roles, hire, new_account, org_roles};
use crate::support::{ADDRESS, World};

#[tokio::test]
async fn a_change_of_roles_acts_on_live_tokens_at_once() {
    let world = World::new().await;
    let (org, group) = (Scope::Org(world.org_id), Scope::Group(world.group_id));
    let owner = world.caller(&world.owner).await;
    let account = hire(&world, org_roles(OrgRole::Member)).await;
    let token = world.issue(&account, 1).await.remove(0);
    let now = || world.authority.authorize(token.expose(), ADDRESS).unwrap();
    let give = |scope, roles: Roles| {
        let change = AccountChange { roles: Some(roles), ..AccountChange::default() };
        let (authority, owner, id) = (&world.authority, &owner, account.client_id);
        async move { authority.change_account(owner, scope, id, &change).await.unwrap().roles }
    };
    let new_in_org = new_account(org_roles(OrgRole::Member));
    assert!(world.authority.create_account(&now(), org, &new_in_org).await.is_err());
    let owns = org_roles(OrgRole::Owner);
    assert_eq!(give(org, owns).await, owns);
    assert!(world.authority.create_account(&now(), org, &new_in_org).await.is_ok());
    give(org, org_roles(OrgRole::Member)).await;
    assert!(world.authority.create_account(&now(), org, &new_in_org).await.is_err());

    let new_in_group = new_account(group_roles(GroupRole::ReadOnly));
    let roles = EnumSet::only(GroupRole::Owner);
    world.authority.assign(&owner, world.group_id, account.client_id, roles).await.unwrap();
    assert!(world.authority.create_account(&now(), group, &new_in_group).await.is_ok());
    let reads = group_roles(GroupRole::ReadOnly);
    assert_eq!(give(group, reads).await, reads);
    assert!(world.authority.create_account(&now(), group, &new_in_group).await.is_err());
    assert_eq!(
        world.authority.assignments(&owner, world.org_id, account.client_id).unwrap()[0].roles,
        EnumSet::only(GroupRole::ReadOnly),
        "its roles there as a whole are others"
    );
}

/// The caller was let in before, and decides after, its demotion.
#[tokio::test]
async fn a_caller_that_was_demoted_meanwhile_changes_nothing_any_more() {
    let world = World::new().await;
    let scope = Scope::Org(world.org_id);
    let owner = world.caller(&world.owner).await;
    let account = hire(&world, org_roles(OrgRole::Owner)).await;
    let (early, id) = (world.caller(&account).await, account.client_id);
    let change =
        AccountChange { roles: Some(org_roles(OrgRole::Member)), ..AccountChange::default() };
    world.authority.change_account(&owner, scope, id, &change).await.unwrap();
    let deleted = world.authority.delete_account(&early, world.org_id, world.me.client_id).await;
    assert!(matches!(deleted, Err(ManageError::Denied(Denied::NotOrgOwner))), "{deleted:?}");
    world.authority.delete_account(&owner, world.org_id, id).await.unwrap();
    let added = world.authority.add_secret(&early, scope, world.me.client_id, 24).await;
    assert!(matches!(added, Err(ManageError::Denied(Denied::NotOrgOwner))), "{added:?}");
}

/// Whoever makes a project without owning the organization owns the project.
#[tokio::test]
async fn a_project_belongs_to_who_made_it() {
    let world = World::new().await;
    let creator = hire(&world, org_roles(OrgRole::GroupCreator)).await;
    let caller = world.caller(&creator).await;
    let name = new_account(org_roles(OrgRole::Member)).name;
    let group = world.authority.create_group(&caller, world.org_id, &name).await.unwrap();
    let caller = world.caller(&creator).await;
    let new = new_account(group_roles(GroupRole::ReadOnly));
    world.authority.create_account(&caller, Scope::Group(group.id), &new).await.unwrap();
    world.authority.delete_group(&caller, group.id).await.unwrap();
}

/// Section 4, row P2.
#[tokio::test]
async fn an_account_made_in_a_project_is_a_member_of_the_organization() {
    let world = World::new().await;
    let owner = world.caller(&world.owner).await;
    let id = hire(&world, group_roles(GroupRole::UserAdmin)).await.client_id;
    let in_org = world.authority.account(&owner, Scope::Org(world.org_id), id).await.unwrap();
    assert_eq!(in_org.roles, org_roles(OrgRole::Member));
    let in_group = world.authority.account(&owner, Scope::Group(world.group_id), id).await.unwrap();
    assert_eq!(in_group.roles, group_roles(GroupRole::UserAdmin));
}
