//! service-accounts-api.md 5.

use rescind_authority::{AuthenticateError, ManageError, Scope};
use rescind_core::{
    clock::Clock as _,
    organization::OrgSettings,
    role::{GroupRole, OrgRole},
};

use super::{group_roles, hire, new_account, org_roles};
use crate::support::{ADDRESS, Account, World};

const DAY: i64 = 24 * 3600;

fn known(world: &World, account: &Account, number: usize) -> Result<(), AuthenticateError> {
    let (id, secret) = (account.client_id.to_string(), account.secrets[number].1.expose());
    world.authority.authenticate(&id, secret, ADDRESS).map(drop)
}

#[tokio::test]
async fn an_account_has_two_secrets_at_the_most_expired_ones_included() {
    let world = World::new().await;
    let (owner, scope) = (world.caller(&world.owner).await, Scope::Org(world.org_id));
    let id = hire(&world, org_roles(OrgRole::Member)).await.client_id;
    let second = world.authority.add_secret(&owner, scope, id, 8).await.unwrap();
    for hours in [0, 8, 9] {
        world.clock.advance(hours * 3600);
        let third = world.authority.add_secret(&owner, scope, id, 8).await;
        assert!(matches!(third, Err(ManageError::TooManySecrets)), "after {hours} hours");
    }
    world.authority.delete_secret(&owner, scope, id, second.secret.id).await.unwrap();
    let gone = world.authority.delete_secret(&owner, scope, id, second.secret.id).await;
    assert!(matches!(gone, Err(ManageError::SecretNotFound(id)) if id == second.secret.id));
    world.authority.add_secret(&owner, scope, id, 8).await.unwrap();
}

/// `expiresAt` = min(old `expiresAt`, now + 7 days).
#[tokio::test]
async fn a_new_secret_cuts_the_life_of_the_older_one() {
    let world = World::new().await;
    let (owner, scope) = (world.caller(&world.owner).await, Scope::Org(world.org_id));
    for (hours, old_lives) in [(2400, 7 * DAY), (169, 7 * DAY), (168, 7 * DAY), (100, 100 * 3600)] {
        let mut new = new_account(org_roles(OrgRole::Member));
        new.secret_hours = Some(hours);
        let (made, secret) = world.authority.create_account(&owner, scope, &new).await.unwrap();
        let (id, secret) = (made.account.client_id, secret.unwrap());
        let now = world.clock.now();
        let newer = world.authority.add_secret(&owner, scope, id, 2400).await.unwrap();
        assert_eq!(newer.secret.expires_at, now.plus_seconds(2400 * 3600));
        let shown = world.authority.account(&owner, scope, id).await.unwrap().account.secrets;
        let older = shown.iter().find(|shown| shown.id == secret.secret.id).unwrap();
        assert_eq!(older.expires_at, now.plus_seconds(old_lives), "{hours} hours");
    }
}

#[tokio::test]
async fn a_secret_works_until_its_end_and_in_memory_too_that_is_the_cut_one() {
    let world = World::new().await;
    let scope = Scope::Org(world.org_id);
    let mut account = hire(&world, org_roles(OrgRole::Member)).await;
    let owner = world.caller(&world.owner).await;
    let added = world.authority.add_secret(&owner, scope, account.client_id, 2400).await.unwrap();
    account.secrets.push((added.secret.id, added.plain));
    world.clock.advance(7 * DAY - 1);
    assert_eq!([known(&world, &account, 0), known(&world, &account, 1)], [Ok(()), Ok(())]);
    world.clock.advance(1);
    let unknown = Err(AuthenticateError::Unknown);
    assert_eq!([known(&world, &account, 0), known(&world, &account, 1)], [unknown, Ok(())]);
    world.clock.advance(93 * DAY);
    assert_eq!([known(&world, &account, 0), known(&world, &account, 1)], [unknown, unknown]);
}

#[tokio::test]
async fn the_organization_may_allow_shorter_lives_only() {
    let world = World::new().await;
    let (org, group) = (Scope::Org(world.org_id), Scope::Group(world.group_id));
    let owner = world.caller(&world.owner).await;
    let set = |settings| OrgSettings { max_secret_hours: Some(48), ..settings };
    world.authority.change_org_settings(&owner, world.org_id, set).await.unwrap();
    let id = world.me.client_id;
    let first = world.me.secrets[0].0;
    world.authority.delete_secret(&owner, org, id, first).await.unwrap();
    let added = world.authority.add_secret(&owner, org, id, 49).await;
    assert!(matches!(added, Err(ManageError::SecretTooLong(48))));
    for (scope, roles) in
        [(org, org_roles(OrgRole::Member)), (group, group_roles(GroupRole::ReadOnly))]
    {
        let mut new = new_account(roles);
        new.secret_hours = Some(49);
        let created = world.authority.create_account(&owner, scope, &new).await;
        assert!(matches!(created, Err(ManageError::SecretTooLong(48))));
        new.secret_hours = Some(48);
        world.authority.create_account(&owner, scope, &new).await.unwrap();
    }
    world.authority.add_secret(&owner, org, id, 48).await.unwrap();
}

/// Row "deleting the only secret is allowed", and Terraform's `withoutInitialSecret`.
#[tokio::test]
async fn an_account_can_be_without_a_secret() {
    let world = World::new().await;
    let (owner, scope) = (world.caller(&world.owner).await, Scope::Org(world.org_id));
    let mut new = new_account(org_roles(OrgRole::Member));
    new.secret_hours = None;
    let (created, secret) = world.authority.create_account(&owner, scope, &new).await.unwrap();
    assert!(secret.is_none() && created.account.secrets.is_empty());
    let id = world.colleague.client_id;
    let only = world.colleague.secrets[0].0;
    world.authority.delete_secret(&owner, scope, id, only).await.unwrap();
    assert_eq!(known(&world, &world.colleague, 0), Err(AuthenticateError::Unknown));
    let shown = world.authority.account(&owner, scope, id).await.unwrap();
    assert!(shown.account.secrets.is_empty());
}
