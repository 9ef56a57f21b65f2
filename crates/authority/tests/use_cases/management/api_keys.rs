//! API keys of an organization: who may do what with them, and as them.

use std::collections::BTreeSet;

use ipnet::IpNet;
use rescind_authority::{
    Actor, ApiKeyChange, Caller, Denied, EventFilter, ManageError, Range, Scope,
};
use rescind_core::{
    api_key::MAX_API_KEYS,
    clock::Clock as _,
    role::OrgRole,
    text::{KeyDescription, Name},
};

use super::{group_roles, hire, org_roles};
use crate::support::{ADDRESS, Key, World};

const ALL: Range = Range { offset: 0, limit: 1000 };

fn demoted() -> ApiKeyChange {
    ApiKeyChange { roles: Some(OrgRole::Member.into()), ..ApiKeyChange::default() }
}

#[tokio::test]
async fn a_key_is_seen_as_it_was_made_and_changed() {
    let world = World::new().await;
    let (authority, org_id) = (&world.authority, world.org_id);
    let owner = world.caller(&world.owner).await;
    let new = Key::to_be_made(OrgRole::ReadOnly | OrgRole::BillingAdmin);
    let (made, private) = authority.create_api_key(&owner, org_id, &new).await.unwrap();
    assert!(private.expose().ends_with(&made.last_twelve));
    assert_eq!((made.org_id, made.created_at), (org_id, world.clock.now()));
    assert_eq!((&*made.description, made.roles), ("Deploys (CI/CD)", new.roles));
    let shown = authority.api_key(&owner, org_id, made.id).await.unwrap();
    assert_eq!(format!("{shown:?}"), format!("{made:?}"));

    let rows = [
        (None, None, "Deploys (CI/CD)", new.roles),
        (Some("backups"), None, "backups", new.roles),
        (None, Some(OrgRole::Owner.into()), "backups", OrgRole::Owner.into()),
        (Some("all"), Some(OrgRole::Member.into()), "all", OrgRole::Member.into()),
    ];
    for (description, roles, expected, expected_roles) in rows {
        let description = description.map(|text| KeyDescription::parse(text).unwrap());
        let change = ApiKeyChange { description, roles };
        let changed = authority.change_api_key(&owner, org_id, made.id, &change).await.unwrap();
        assert_eq!((&*changed.description, changed.roles), (expected, expected_roles));
        assert_eq!((changed.public_key, changed.credentials), (made.public_key, made.credentials));
        let shown = authority.api_key(&owner, org_id, made.id).await.unwrap();
        assert_eq!(format!("{shown:?}"), format!("{changed:?}"));
    }
}

/// Any role of the organization sees; an owner manages; nobody else's are there.
#[tokio::test]
async fn whoever_belongs_to_the_organization_sees_keys_and_an_owner_manages_them() {
    let world = World::new().await;
    let (authority, org_id) = (&world.authority, world.org_id);
    let target = Key::of(&world, OrgRole::ReadOnly).await;
    let entry: IpNet = "203.0.113.0/24".parse().unwrap();
    let owner = world.caller(&world.owner).await;
    let entries = BTreeSet::from([entry]);
    let org = Scope::Org(org_id);
    authority.add_access_entries(&owner, org, target.id, &entries).await.unwrap();
    let outcomes = async |caller: &Caller| {
        let outcomes = [
            authority.api_keys(caller, org_id, ALL).await.map(drop),
            authority.api_key(caller, org_id, target.id).await.map(drop),
            authority.access_entries(caller, org, target.id).await.map(drop),
            authority
                .create_api_key(caller, org_id, &Key::to_be_made(OrgRole::Member))
                .await
                .map(drop),
            authority.change_api_key(caller, org_id, target.id, &demoted()).await.map(drop),
            authority.add_access_entries(caller, org, target.id, &entries).await.map(drop),
        ];
        outcomes.map(|outcome| match outcome {
            Ok(()) => 'y',
            Err(ManageError::Denied(Denied::NotOrgOwner)) => 'n',
            Err(ManageError::OrgNotFound(_)) => '-',
            Err(_) => '?',
        })
    };
    let rows = [
        (OrgRole::Owner, "yyyyyy"),
        (OrgRole::GroupCreator, "yyynnn"),
        (OrgRole::ReadOnly, "yyynnn"),
        (OrgRole::Member, "yyynnn"),
        (OrgRole::BillingAdmin, "yyynnn"),
    ];
    for (role, expected) in rows {
        let account = world.caller(&hire(&world, org_roles(role)).await).await;
        assert_eq!(String::from_iter(outcomes(&account).await), expected, "account: {role}");
        let key = Key::of(&world, role).await.caller(&world);
        assert_eq!(String::from_iter(outcomes(&key).await), expected, "key: {role}");
    }
    let stranger = world.caller(&world.stranger).await;
    assert_eq!(String::from_iter(outcomes(&stranger).await), "------");

    let member = world.caller(&world.me).await;
    let deleted = authority.delete_access_entry(&member, org, target.id, entry).await;
    assert!(matches!(deleted, Err(ManageError::Denied(Denied::NotOrgOwner))));
    let deleted = authority.delete_api_key(&member, org_id, target.id).await;
    assert!(matches!(deleted, Err(ManageError::Denied(Denied::NotOrgOwner))));
}

#[tokio::test]
async fn keys_from_elsewhere_or_seen_from_a_project_do_not_exist() {
    let world = World::new().await;
    let authority = &world.authority;
    let stranger = world.caller(&world.stranger).await;
    let elsewhere = world.stranger.org_id;
    let new = Key::to_be_made(OrgRole::Owner);
    let (strange, _) = authority.create_api_key(&stranger, elsewhere, &new).await.unwrap();
    let own = Key::of(&world, OrgRole::Owner).await.id;
    let owner = world.caller(&world.owner).await;
    let (org, group) = (Scope::Org(world.org_id), Scope::Group(world.group_id));
    let entry: IpNet = "203.0.113.0/24".parse().unwrap();
    let entries = BTreeSet::from([entry]);
    let id = strange.id;
    let outcomes = [
        authority.api_key(&owner, world.org_id, id).await.map(drop),
        authority.change_api_key(&owner, world.org_id, id, &demoted()).await.map(drop),
        authority.delete_api_key(&owner, world.org_id, id).await,
        authority.access_entries(&owner, org, id).await.map(drop),
        authority.add_access_entries(&owner, org, id, &entries).await.map(drop),
        authority.delete_access_entry(&owner, org, id, entry).await,
        authority.access_entries(&owner, group, own).await.map(drop),
        authority.add_access_entries(&owner, group, own, &entries).await.map(drop),
    ];
    for (number, outcome) in outcomes.into_iter().enumerate() {
        assert!(matches!(outcome, Err(ManageError::ApiKeyNotFound(_))), "{number}: {outcome:?}");
    }
    authority.api_key(&stranger, elsewhere, id).await.unwrap();
    let keys = authority.api_keys(&owner, world.org_id, ALL).await.unwrap();
    assert_eq!((keys.0.len(), keys.0[0].id), (1, own));
}

/// conventions.md 6, row "API keys".
#[tokio::test]
async fn the_key_after_the_last_is_refused_until_another_one_goes() {
    let world = World::new().await;
    let (authority, org_id) = (&world.authority, world.org_id);
    let owner = world.caller(&world.owner).await;
    let new = Key::to_be_made(OrgRole::Member);
    let (first, _) = authority.create_api_key(&owner, org_id, &new).await.unwrap();
    for _ in 1..MAX_API_KEYS {
        authority.create_api_key(&owner, org_id, &new).await.unwrap();
    }
    let refused = authority.create_api_key(&owner, org_id, &new).await;
    assert!(
        matches!(refused, Err(ManageError::TooManyApiKeys { org_id: id, limit: 500 }) if id == org_id)
    );
    authority.delete_api_key(&owner, org_id, first.id).await.unwrap();
    authority.create_api_key(&owner, org_id, &new).await.unwrap();
    let (page, total) =
        authority.api_keys(&owner, org_id, Range { offset: 450, limit: 100 }).await.unwrap();
    assert_eq!((page.len(), total), (50, 500));
    let (all, _) = authority.api_keys(&owner, org_id, ALL).await.unwrap();
    assert!(all.is_sorted_by_key(|key| key.id), "oldest first");
    let names: BTreeSet<_> = all.iter().map(|key| key.public_key).collect();
    assert_eq!(names.len(), 500);
}

#[tokio::test]
async fn the_last_owner_may_be_a_key_and_stays_one() {
    let world = World::new().await;
    let (authority, org_id) = (&world.authority, world.org_id);
    let is_last = |outcome| matches!(outcome, Err(ManageError::LastOwner));
    let key = Key::of(&world, OrgRole::Owner).await;
    let caller = key.caller(&world);
    authority.delete_account(&caller, org_id, world.owner.client_id).await.unwrap();
    assert!(is_last(authority.delete_api_key(&caller, org_id, key.id).await));
    let outcome = authority.change_api_key(&caller, org_id, key.id, &demoted()).await;
    assert!(is_last(outcome.map(drop)));
    let still =
        ApiKeyChange { roles: Some(OrgRole::Owner | OrgRole::Member), ..ApiKeyChange::default() };
    authority.change_api_key(&caller, org_id, key.id, &still).await.unwrap();
    let world = world.restart().await;
    let (authority, caller) = (&world.authority, key.caller(&world));
    assert!(is_last(authority.delete_api_key(&caller, org_id, key.id).await));
    let new = Key::to_be_made(OrgRole::Owner);
    let second: Key = authority.create_api_key(&caller, org_id, &new).await.unwrap().into();
    authority.delete_api_key(&caller, org_id, key.id).await.unwrap();
    let caller = second.caller(&world);
    assert!(is_last(authority.delete_api_key(&caller, org_id, second.id).await));
}

#[tokio::test]
async fn a_key_cannot_shut_its_own_door() {
    let world = World::new().await;
    let (authority, org) = (&world.authority, Scope::Org(world.org_id));
    let key = Key::of(&world, OrgRole::Owner).await;
    let [own, other]: [IpNet; 2] = ["127.0.0.1/32", "192.0.2.0/24"].map(|n| n.parse().unwrap());
    let caller = key.caller(&world);
    authority.add_access_entries(&caller, org, key.id, &[own, other].into()).await.unwrap();
    let caller = key.caller(&world);
    let removed = authority.delete_access_entry(&caller, org, key.id, own).await;
    assert!(matches!(removed, Err(ManageError::CallersEntry)));
    authority.delete_access_entry(&caller, org, key.id, other).await.unwrap();
    let owner = world.caller(&world.owner).await;
    authority.delete_access_entry(&owner, org, key.id, own).await.unwrap();
    let again = authority.delete_access_entry(&owner, org, key.id, own).await;
    assert!(matches!(again, Err(ManageError::EntryNotFound(network)) if network == own));
}

#[tokio::test]
async fn the_log_names_the_key_that_asked() {
    let world = World::new().await;
    let key = Key::of(&world, OrgRole::Owner).await;
    let caller = key.caller(&world);
    let name = Name::parse("renamed").unwrap();
    world.authority.rename_organization(&caller, world.org_id, &name).await.unwrap();
    let filter = EventFilter { limit: 1, ..EventFilter::default() };
    let (events, _) =
        world.authority.events(&caller, Scope::Org(world.org_id), filter).await.unwrap();
    let actor = Actor::ApiKey { id: key.id, public_key: key.public, address: ADDRESS };
    assert_eq!(events[0].actor, actor);
}

/// It has no roles in projects of its own, so that it could not even see one that it made.
#[tokio::test]
async fn a_key_makes_projects_only_if_it_owns_the_organization() {
    let world = World::new().await;
    let name = Name::parse("project").unwrap();
    let creator = Key::of(&world, OrgRole::GroupCreator).await.caller(&world);
    let made = world.authority.create_group(&creator, world.org_id, &name).await;
    assert!(matches!(made, Err(ManageError::Denied(Denied::NotOrgOwner))));
    let owner = Key::of(&world, OrgRole::Owner).await.caller(&world);
    let made = world.authority.create_group(&owner, world.org_id, &name).await.unwrap();
    world.authority.delete_group(&owner, made.id).await.unwrap();
    let reader = Key::of(&world, OrgRole::ReadOnly).await.caller(&world);
    world.authority.group(&reader, world.group_id).unwrap();
    let member = Key::of(&world, OrgRole::Member).await.caller(&world);
    let hidden = world.authority.group(&member, world.group_id);
    assert!(matches!(hidden, Err(ManageError::Denied(Denied::NotInGroup))));
}

/// Keys and accounts manage each other alike.
#[tokio::test]
async fn a_key_that_owns_the_organization_manages_accounts() {
    let world = World::new().await;
    let key = Key::of(&world, OrgRole::Owner).await.caller(&world);
    let scope = Scope::Org(world.org_id);
    let account = hire(&world, group_roles(rescind_core::role::GroupRole::ReadOnly)).await;
    let authority = &world.authority;
    authority.add_secret(&key, scope, account.client_id, 24).await.unwrap();
    let tokens = world.issue(&account, 1).await;
    authority.revoke_all(&key, world.org_id, account.client_id, None).await.unwrap();
    assert_eq!(world.live_of(&tokens), 0);
    authority.delete_account(&key, world.org_id, account.client_id).await.unwrap();
}

#[tokio::test]
async fn a_deleted_organization_takes_its_keys_along() {
    let world = World::new().await;
    let key = Key::of(&world, OrgRole::Owner).await;
    let caller = key.caller(&world);
    world.authority.delete_organization(&caller, world.org_id).await.unwrap();
    key.try_from(&world.authority, ADDRESS).unwrap_err();
    let world = world.restart().await;
    key.try_from(&world.authority, ADDRESS).unwrap_err();
}
