//! Accounts with the roles that a test needs.

use enumset::EnumSet;
use rescind_authority::{NewAccount, Roles, Scope};
use rescind_core::{
    role::{GroupRole, OrgRole},
    text::{Description, Name},
};

use crate::support::{Account, World};

pub(super) fn org_roles(roles: impl Into<EnumSet<OrgRole>>) -> Roles {
    Roles::Org(roles.into())
}

pub(super) fn group_roles(roles: impl Into<EnumSet<GroupRole>>) -> Roles {
    Roles::Group(roles.into())
}

/// An account to be made, with a secret of a hundred days.
pub(super) fn new_account(roles: Roles) -> NewAccount {
    NewAccount {
        name: Name::parse("inventory-export").unwrap(),
        description: Description::parse("Nightly inventory export").unwrap(),
        roles,
        secret_hours: Some(2400),
    }
}

/// An account of the first organization, made by its owner: with roles in the organization, or
/// assigned to the first project.
pub(super) async fn hire(world: &World, roles: Roles) -> Account {
    let scope = match roles {
        Roles::Org(_) => Scope::Org(world.org_id),
        Roles::Group(_) => Scope::Group(world.group_id),
    };
    let owner = world.caller(&world.owner).await;
    let created = world.authority.create_account(&owner, scope, &new_account(roles)).await;
    let (created, secret) = created.unwrap();
    let secret = secret.unwrap();
    Account {
        org_id: world.org_id,
        client_id: created.account.client_id,
        secrets: vec![(secret.secret.id, secret.plain)],
    }
}
