//! service-accounts-api.md 8, "Who may call what": every use case, asked for by everybody.

use std::collections::BTreeSet;

use enumset::EnumSet;
use ipnet::IpNet;
use rescind_authority::{AccountChange, Authority, Caller, ManageError, Range, Roles, Scope};
use rescind_core::{
    clock::Clock as _,
    id::{ClientId, GroupId, OrgId, SecretId},
    role::{GroupRole, OrgRole},
    text::Name,
};
use rescind_store::{EventFilter, Seq, Store as _};

use super::{group_roles, hire, new_account, org_roles};
use crate::support::World;

/// What is asked for. The last two end the world that the others need.
#[derive(Clone, Copy, Debug)]
enum Op {
    SeeOrg,
    List(Level),
    See(Level),
    Create(Level),
    Change(Level),
    Delete,
    AddSecret(Level),
    DeleteSecret(Level),
    Assignments,
    Entries(Level),
    AddEntry(Level),
    DeleteEntry(Level),
    RevokeAll,
    Assign,
    Unassign,
    CreateGroup,
    SeeGroup,
    RenameGroup,
    RenameOrg,
    SetOrg,
    Events(Level),
    DeleteGroup,
    DeleteOrg,
}

#[derive(Clone, Copy, Debug)]
enum Level {
    Org,
    Group,
}

/// `y`: it is done; `n`: a role is lacking; `-`: there is no such thing for the caller.
#[rustfmt::skip]
const TABLE: [(Op, &str); 31] = [
    // ORG_OWNER, ORG_GROUP_CREATOR, ORG_READ_ONLY, ORG_MEMBER,
    // GROUP_OWNER, GROUP_USER_ADMIN, GROUP_READ_ONLY, ORG_OWNER of another organization
    (Op::SeeOrg,                     "yyyyyyy-"),
    (Op::List(Level::Org),           "yyyyyyy-"), // O1
    (Op::See(Level::Org),            "yyyyyyy-"), // O3
    (Op::Create(Level::Org),         "ynnnnnn-"), // O2
    (Op::Change(Level::Org),         "ynnnnnn-"), // O4
    (Op::Delete,                     "ynnnnnn-"), // O5
    (Op::AddSecret(Level::Org),      "ynnnnnn-"), // O6
    (Op::DeleteSecret(Level::Org),   "ynnnnnn-"), // O7
    (Op::Assignments,                "yyyyyyy-"), // O8
    (Op::Entries(Level::Org),        "yyyyyyy-"), // O9
    (Op::AddEntry(Level::Org),       "ynnnnnn-"), // O10
    (Op::DeleteEntry(Level::Org),    "ynnnnnn-"), // O11
    (Op::RevokeAll,                  "ynnnnnn-"),
    (Op::List(Level::Group),         "ynynyyy-"), // P1
    (Op::See(Level::Group),          "ynynyyy-"), // P3
    (Op::Create(Level::Group),       "ynnnyyn-"), // P2
    (Op::Change(Level::Group),       "ynnnyyn-"), // P4
    (Op::Assign,                     "ynnnnnn-"), // P5
    (Op::Unassign,                   "ynnnyyn-"), // P6
    (Op::AddSecret(Level::Group),    "ynnnyyn-"), // P7
    (Op::DeleteSecret(Level::Group), "ynnnyyn-"), // P8
    (Op::Entries(Level::Group),      "ynynyyy-"), // P9
    (Op::AddEntry(Level::Group),     "ynnnynn-"), // P10
    (Op::DeleteEntry(Level::Group),  "ynnnynn-"), // P11
    (Op::CreateGroup,                "yynnnnn-"),
    (Op::SeeGroup,                   "ynynyyy-"),
    (Op::RenameGroup,                "ynnnynn-"),
    (Op::RenameOrg,                  "ynnnnnn-"),
    (Op::SetOrg,                     "ynnnnnn-"),
    (Op::Events(Level::Org),         "ynnnnnn-"),
    (Op::Events(Level::Group),       "ynnnynn-"),
];

/// Who asks, in the order of the table's columns; the last is the stranger.
fn columns() -> [Option<Roles>; 8] {
    [
        Some(org_roles(OrgRole::Owner)),
        Some(org_roles(OrgRole::GroupCreator)),
        Some(org_roles(OrgRole::ReadOnly)),
        Some(org_roles(OrgRole::Member)),
        Some(group_roles(GroupRole::Owner)),
        Some(group_roles(GroupRole::UserAdmin | GroupRole::ReadOnly)),
        Some(group_roles(GroupRole::ReadOnly)),
        None,
    ]
}

/// What it is done to: an account that is assigned to the project, with one secret and one entry.
struct Target {
    org_id: OrgId,
    group_id: GroupId,
    client_id: ClientId,
    secret_id: SecretId,
    entry: IpNet,
}

impl Target {
    async fn new(world: &World) -> Self {
        let account = hire(world, group_roles(GroupRole::ReadOnly)).await;
        let entry = "203.0.113.0/24".parse().unwrap();
        let owner = world.caller(&world.owner).await;
        let (scope, networks) = (Scope::Org(world.org_id), BTreeSet::from([entry]));
        let added =
            world.authority.add_access_entries(&owner, scope, account.client_id, &networks).await;
        assert_eq!(added.unwrap().len(), 1);
        Self {
            org_id: world.org_id,
            group_id: world.group_id,
            client_id: account.client_id,
            secret_id: account.secrets[0].0,
            entry,
        }
    }

    fn scope(&self, level: Level) -> Scope {
        match level {
            Level::Org => Scope::Org(self.org_id),
            Level::Group => Scope::Group(self.group_id),
        }
    }
}

fn roles(level: Level) -> Roles {
    match level {
        Level::Org => org_roles(OrgRole::Member),
        Level::Group => group_roles(GroupRole::ReadOnly),
    }
}

async fn attempt(
    authority: &Authority,
    op: Op,
    caller: &Caller,
    target: &Target,
) -> Result<(), ManageError> {
    let &Target { org_id, group_id, client_id, secret_id, entry } = target;
    let name = Name::parse("another name").unwrap();
    match op {
        Op::SeeOrg => authority.organization(caller, org_id).map(drop),
        Op::List(level) => {
            let range = Range { offset: 0, limit: 100 };
            authority.accounts(caller, target.scope(level), range).await.map(drop)
        }
        Op::See(level) => authority.account(caller, target.scope(level), client_id).await.map(drop),
        Op::Create(level) => {
            let new = new_account(roles(level));
            authority.create_account(caller, target.scope(level), &new).await.map(drop)
        }
        Op::Change(level) => {
            let change = AccountChange {
                name: Some(name),
                roles: Some(roles(level)),
                ..AccountChange::default()
            };
            let scope = target.scope(level);
            authority.change_account(caller, scope, client_id, &change).await.map(drop)
        }
        Op::Delete => authority.delete_account(caller, org_id, client_id).await,
        Op::AddSecret(level) => {
            authority.add_secret(caller, target.scope(level), client_id, 24).await.map(drop)
        }
        Op::DeleteSecret(level) => {
            authority.delete_secret(caller, target.scope(level), client_id, secret_id).await
        }
        Op::Assignments => authority.assignments(caller, org_id, client_id).map(drop),
        Op::Entries(level) => {
            authority.access_entries(caller, target.scope(level), client_id).await.map(drop)
        }
        Op::AddEntry(level) => {
            let networks = BTreeSet::from(["198.51.100.7/32".parse().unwrap()]);
            let scope = target.scope(level);
            authority.add_access_entries(caller, scope, client_id, &networks).await.map(drop)
        }
        Op::DeleteEntry(level) => {
            authority.delete_access_entry(caller, target.scope(level), client_id, entry).await
        }
        Op::RevokeAll => authority.revoke_all(caller, org_id, client_id, None).await.map(drop),
        Op::Assign => {
            let roles = EnumSet::only(GroupRole::ReadOnly);
            authority.assign(caller, group_id, client_id, roles).await.map(drop)
        }
        Op::Unassign => authority.unassign(caller, group_id, client_id).await,
        Op::CreateGroup => authority.create_group(caller, org_id, &name).await.map(drop),
        Op::SeeGroup => authority.group(caller, group_id).map(drop),
        Op::RenameGroup => authority.rename_group(caller, group_id, &name).await.map(drop),
        Op::RenameOrg => authority.rename_organization(caller, org_id, &name).await.map(drop),
        Op::SetOrg => {
            authority.change_org_settings(caller, org_id, |settings| settings).await.map(drop)
        }
        Op::Events(level) => {
            let filter = EventFilter { limit: 10, ..EventFilter::default() };
            authority.events(caller, target.scope(level), filter).await.map(drop)
        }
        Op::DeleteGroup => authority.delete_group(caller, group_id).await,
        Op::DeleteOrg => authority.delete_organization(caller, org_id).await,
    }
}

/// The table's letter for what came of it.
fn letter(outcome: &Result<(), ManageError>) -> char {
    match outcome {
        Ok(()) => 'y',
        Err(ManageError::Denied(_)) => 'n',
        Err(ManageError::OrgNotFound(_) | ManageError::GroupNotFound(_)) => '-',
        Err(_) => '?',
    }
}

async fn log_head(world: &World) -> Seq {
    world.store.snapshot(world.clock.now()).await.unwrap().seq
}

async fn check(world: &World, op: Op, row: &str, column: usize, caller: &Caller, target: &Target) {
    let before = log_head(world).await;
    let outcome = attempt(&world.authority, op, caller, target).await;
    let expected = row.chars().nth(column).unwrap();
    assert_eq!(letter(&outcome), expected, "{op:?} in column {column}: {outcome:?}");
    if outcome.is_err() {
        assert_eq!(log_head(world).await, before, "{op:?} in column {column} left something");
    }
}

#[tokio::test]
async fn every_use_case_is_open_to_just_those_that_the_table_names() {
    for (column, roles) in columns().into_iter().enumerate() {
        let world = World::new().await;
        let caller = match roles {
            Some(roles) => world.caller(&hire(&world, roles).await).await,
            None => world.caller(&world.stranger).await,
        };
        for (op, row) in TABLE {
            let target = Target::new(&world).await;
            check(&world, op, row, column, &caller, &target).await;
        }
        let target = Target::new(&world).await;
        check(&world, Op::DeleteGroup, "ynnnynn-", column, &caller, &target).await;
        check(&world, Op::DeleteOrg, "ynnnnnn-", column, &caller, &target).await;
    }
}

/// Section 9, row "SA, secret, entry unknown": of another organization, or not in the project.
#[tokio::test]
async fn accounts_from_elsewhere_do_not_exist() {
    let world = World::new().await;
    let owner = world.caller(&world.owner).await;
    let (strange, unassigned) = (world.stranger.client_id, world.colleague.client_id);
    let (org, group) = (Scope::Org(world.org_id), Scope::Group(world.group_id));
    let authority = &world.authority;
    let before = log_head(&world).await;
    for (scope, client_id) in [(org, strange), (group, strange), (group, unassigned)] {
        let entry: IpNet = "203.0.113.0/24".parse().unwrap();
        let renamed = AccountChange {
            name: Some(Name::parse("mine now").unwrap()),
            ..AccountChange::default()
        };
        let secret_id = world.stranger.secrets[0].0;
        let outcomes = [
            authority.account(&owner, scope, client_id).await.map(drop),
            authority.change_account(&owner, scope, client_id, &renamed).await.map(drop),
            authority.add_secret(&owner, scope, client_id, 24).await.map(drop),
            authority.delete_secret(&owner, scope, client_id, secret_id).await,
            authority.access_entries(&owner, scope, client_id).await.map(drop),
            authority
                .add_access_entries(&owner, scope, client_id, &BTreeSet::from([entry]))
                .await
                .map(drop),
            authority.delete_access_entry(&owner, scope, client_id, entry).await,
        ];
        for (number, outcome) in outcomes.into_iter().enumerate() {
            let hidden =
                matches!(outcome, Err(ManageError::AccountNotFound(id)) if id == client_id);
            assert!(hidden, "{scope:?}, use case {number}: {outcome:?}");
        }
    }
    let roles = EnumSet::only(GroupRole::ReadOnly);
    let outcomes = [
        authority.delete_account(&owner, world.org_id, strange).await,
        authority.revoke_all(&owner, world.org_id, strange, None).await.map(drop),
        authority.assignments(&owner, world.org_id, strange).map(drop),
        authority.assign(&owner, world.group_id, strange, roles).await.map(drop),
        authority.unassign(&owner, world.group_id, unassigned).await,
    ];
    for (number, outcome) in outcomes.into_iter().enumerate() {
        assert!(matches!(outcome, Err(ManageError::AccountNotFound(_))), "{number}: {outcome:?}");
    }
    assert_eq!(log_head(&world).await, before);
}

#[tokio::test]
async fn a_member_sees_its_organization_and_the_projects_it_is_assigned_to() {
    let world = World::new().await;
    let owner = world.caller(&world.owner).await;
    world.clock.advance(1); // ids of one second have no order
    let other = Name::parse("other").unwrap();
    let other = world.authority.create_group(&owner, world.org_id, &other).await.unwrap();
    let reader = world.caller(&hire(&world, group_roles(GroupRole::ReadOnly)).await).await;
    let member = world.caller(&world.me).await;
    let seen = |caller| {
        let (groups, total) = world.authority.groups(caller, Range { offset: 0, limit: 500 });
        assert_eq!(groups.len(), total);
        groups.iter().map(|group| group.id).collect::<Vec<_>>()
    };
    assert_eq!(seen(&owner), [world.group_id, other.id]);
    assert_eq!(seen(&reader), [world.group_id]);
    assert_eq!(seen(&member), []);
    for caller in [&owner, &reader, &member] {
        let ids: Vec<_> = world
            .authority
            .organizations(caller)
            .iter()
            .map(|organization| organization.id)
            .collect();
        assert_eq!(ids, [world.org_id]);
    }
}
