//! Nobody gets rights that it lacks, by whatever way (service-accounts-api.md 8, last paragraph).

use enumset::EnumSet;
use rescind_authority::{AccountChange, Denied, ManageError, Roles, Scope};
use rescind_core::role::{GroupRole, OrgRole};

use super::{group_roles, hire, new_account, org_roles};
use crate::support::World;

fn with_roles(roles: Roles) -> AccountChange {
    AccountChange { roles: Some(roles), ..AccountChange::default() }
}

/// The secret of an account is all that the account may do.
#[tokio::test]
async fn nobody_gets_a_secret_of_a_mightier_account() {
    let world = World::new().await;
    let scope = Scope::Group(world.group_id);
    let owner = world.caller(&world.owner).await;
    let project_owner = world.caller(&hire(&world, group_roles(GroupRole::Owner)).await).await;
    let admin = GroupRole::UserAdmin | GroupRole::ReadOnly;
    let admin = world.caller(&hire(&world, group_roles(admin)).await).await;
    let other_owner = hire(&world, group_roles(GroupRole::Owner)).await;
    let reader = hire(&world, org_roles(OrgRole::ReadOnly)).await;
    let assigned = EnumSet::only(GroupRole::ReadOnly);
    for client_id in [world.owner.client_id, reader.client_id] {
        world.authority.assign(&owner, world.group_id, client_id, assigned).await.unwrap();
    }
    let rows = [
        ("a project owner, of an organization owner", &project_owner, &world.owner),
        ("a project owner, of who reads the organization", &project_owner, &reader),
        ("a user admin, of a project owner", &admin, &other_owner),
        ("a user admin, of an organization owner", &admin, &world.owner),
    ];
    for (row, caller, target) in rows {
        let id = target.client_id;
        let renamed = AccountChange {
            name: Some(new_account(group_roles(GroupRole::ReadOnly)).name),
            ..AccountChange::default()
        };
        let outcomes = [
            world.authority.add_secret(caller, scope, id, 24).await.map(drop),
            world.authority.delete_secret(caller, scope, id, target.secrets[0].0).await,
            world.authority.change_account(caller, scope, id, &renamed).await.map(drop),
        ];
        for outcome in outcomes {
            assert!(matches!(outcome, Err(ManageError::Denied(_))), "{row}: {outcome:?}");
        }
        world.client(target); // its secret is what it was
    }
    let added = world.authority.add_secret(&project_owner, scope, other_owner.client_id, 24).await;
    added.unwrap();
}

/// What somebody may do in one project says nothing of another one.
#[tokio::test]
async fn an_account_of_two_projects_is_not_managed_from_one() {
    let world = World::new().await;
    let owner = world.caller(&world.owner).await;
    let name = new_account(group_roles(GroupRole::Owner)).name;
    let other = world.authority.create_group(&owner, world.org_id, &name).await.unwrap();
    let project_owner = hire(&world, group_roles(GroupRole::Owner)).await;
    let target = hire(&world, group_roles(GroupRole::ReadOnly)).await;
    let assigned = EnumSet::only(GroupRole::ReadOnly);
    world.authority.assign(&owner, other.id, target.client_id, assigned).await.unwrap();
    let (caller, scope) = (world.caller(&project_owner).await, Scope::Group(world.group_id));
    let added = world.authority.add_secret(&caller, scope, target.client_id, 24).await;
    assert!(matches!(added, Err(ManageError::Denied(_))), "{added:?}");
    world.authority.unassign(&owner, other.id, target.client_id).await.unwrap();
    world.authority.add_secret(&caller, scope, target.client_id, 24).await.unwrap();
}

#[tokio::test]
async fn a_user_admin_gives_and_takes_no_role_that_it_lacks() {
    let world = World::new().await;
    let (authority, scope) = (&world.authority, Scope::Group(world.group_id));
    let me = hire(&world, group_roles(GroupRole::UserAdmin | GroupRole::ReadOnly)).await;
    let admin = world.caller(&me).await;
    let reader = hire(&world, group_roles(GroupRole::ReadOnly)).await.client_id;
    let owner = hire(&world, group_roles(GroupRole::Owner)).await.client_id;
    let (owns, reads) = (group_roles(GroupRole::Owner), group_roles(GroupRole::ReadOnly));
    let outcomes = [
        authority.create_account(&admin, scope, &new_account(owns)).await.map(drop),
        authority.change_account(&admin, scope, reader, &with_roles(owns)).await.map(drop),
        authority.change_account(&admin, scope, me.client_id, &with_roles(owns)).await.map(drop),
        authority.change_account(&admin, scope, owner, &with_roles(reads)).await.map(drop),
        authority.unassign(&admin, world.group_id, owner).await,
    ];
    for (number, outcome) in outcomes.into_iter().enumerate() {
        let denied = matches!(outcome, Err(ManageError::Denied(Denied::RoleLacking)));
        assert!(denied, "{number}: {outcome:?}");
    }
    let also_admin = group_roles(GroupRole::UserAdmin);
    authority.change_account(&admin, scope, reader, &with_roles(also_admin)).await.unwrap();
}

#[tokio::test]
async fn roles_of_the_other_level_are_given_to_nobody() {
    let world = World::new().await;
    let (org, group) = (Scope::Org(world.org_id), Scope::Group(world.group_id));
    let owner = world.caller(&world.owner).await;
    let project_owner = world.caller(&hire(&world, group_roles(GroupRole::Owner)).await).await;
    let target = hire(&world, group_roles(GroupRole::ReadOnly)).await.client_id;
    let (in_org, in_group) = (org_roles(OrgRole::Owner), group_roles(GroupRole::Owner));
    for (caller, scope, roles) in
        [(&project_owner, group, in_org), (&owner, group, in_org), (&owner, org, in_group)]
    {
        let created = world.authority.create_account(caller, scope, &new_account(roles)).await;
        assert!(matches!(created, Err(ManageError::Denied(_))), "{scope:?} {roles:?}");
        let change = with_roles(roles);
        let changed = world.authority.change_account(caller, scope, target, &change).await;
        assert!(matches!(changed, Err(ManageError::Denied(_))), "{scope:?} {roles:?}");
    }
}

/// service-accounts-api.md 5, last row: it gains nothing by a secret of its own.
#[tokio::test]
async fn an_account_manages_its_own_secrets_as_far_as_its_role_allows() {
    let world = World::new().await;
    let scope = Scope::Group(world.group_id);
    let owner = world.caller(&world.owner).await;
    let admin = hire(&world, group_roles(GroupRole::UserAdmin)).await;
    let change = with_roles(org_roles(OrgRole::ReadOnly));
    let org = Scope::Org(world.org_id);
    world.authority.change_account(&owner, org, admin.client_id, &change).await.unwrap();
    let caller = world.caller(&admin).await;
    world.authority.add_secret(&caller, scope, admin.client_id, 24).await.unwrap();
    let old = admin.secrets[0].0;
    world.authority.delete_secret(&caller, scope, admin.client_id, old).await.unwrap();

    let reader = hire(&world, group_roles(GroupRole::ReadOnly)).await;
    let caller = world.caller(&reader).await;
    let added = world.authority.add_secret(&caller, scope, reader.client_id, 24).await;
    assert!(matches!(added, Err(ManageError::Denied(Denied::NotGroupAdmin))), "{added:?}");
}
