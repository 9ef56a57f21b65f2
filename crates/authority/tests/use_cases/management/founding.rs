//! New organizations, and who can enter them.

use enumset::{EnumSet, enum_set};
use rescind_authority::{Denied, EventFilter, ManageError, NewOrganization, Scope};
use rescind_core::{
    role::{GroupRole, OrgRole},
    text::Name,
};

use super::{group_roles, hire, new_account, org_roles};
use crate::support::{ADDRESS, Account, Fault, Key, World};

type OrgRoles = Option<EnumSet<OrgRole>>;

const OWNER: OrgRoles = Some(enum_set!(OrgRole::Owner));

fn new_organization(account: OrgRoles, api_key: OrgRoles) -> NewOrganization {
    NewOrganization {
        name: Name::parse("a new one").unwrap(),
        account: account.map(|roles| new_account(org_roles(roles))),
        api_key: api_key.map(Key::to_be_made),
    }
}

#[tokio::test]
async fn those_who_were_made_with_it_own_it_and_its_founder_does_not() {
    let world = World::new().await;
    let founder = world.caller(&world.owner).await;
    let new = new_organization(OWNER, OWNER);
    let before = world.store.batches().len();
    let created = world.authority.create_organization(&founder, &new).await.unwrap();
    assert_eq!(world.store.batches().len(), before + 1, "one commit");
    let organization = created.organization;
    let org_id = organization.id;
    assert_eq!(organization.name, "a new one");
    let hidden = world.authority.organization(&founder, org_id);
    assert!(matches!(hidden, Err(ManageError::OrgNotFound(_))));
    assert_eq!(world.authority.organizations(&founder).len(), 1);

    let (account, secret) = created.account.unwrap();
    let secret = secret.unwrap();
    let account = Account {
        org_id,
        client_id: account.account.client_id,
        secrets: vec![(secret.secret.id, secret.plain)],
    };
    let key: Key = created.api_key.unwrap().into();
    let world = world.restart().await;
    for caller in [world.caller(&account).await, key.caller(&world)] {
        assert_eq!(world.authority.organizations(&caller), std::slice::from_ref(&organization));
        world.authority.create_group(&caller, org_id, &new.name).await.unwrap();
        let hidden = world.authority.organization(&caller, world.org_id);
        assert!(matches!(hidden, Err(ManageError::OrgNotFound(_))));
    }
}

/// Its owners can read how it began; its founder's organization has nothing of that.
#[tokio::test]
async fn it_begins_its_own_log() {
    let world = World::new().await;
    let founder = world.caller(&world.owner).await;
    let events = async |caller, org_id| {
        let filter = EventFilter { limit: 10, ..EventFilter::default() };
        world.authority.events(caller, Scope::Org(org_id), filter).await.unwrap()
    };
    let (_, before) = events(&founder, world.org_id).await;
    let new = new_organization(OWNER, OWNER);
    let created = world.authority.create_organization(&founder, &new).await.unwrap();
    assert_eq!(events(&founder, world.org_id).await.1, before);
    let org_id = created.organization.id;
    let key = Key::from(created.api_key.unwrap()).caller(&world);
    let (entries, total) = events(&key, org_id).await;
    assert_eq!((entries.len(), total), (3, 3));
    assert!(entries.iter().all(|entry| entry.actor
        == rescind_authority::Actor::Account {
            client_id: world.owner.client_id,
            address: ADDRESS,
        }));
}

#[tokio::test]
async fn somebody_must_own_it() {
    let world = World::new().await;
    let founder = world.caller(&world.owner).await;
    let member = Some(OrgRole::Member.into());
    let rows = [
        (OWNER, None, true),
        (None, OWNER, true),
        (member, OWNER, true),
        (OWNER, member, true),
        (None, None, false),
        (member, None, false),
        (None, member, false),
        (member, Some(EnumSet::all() - OrgRole::Owner), false),
    ];
    for (account, api_key, expected) in rows {
        let new = new_organization(account, api_key);
        let before = world.store.batches().len();
        let created = world.authority.create_organization(&founder, &new).await;
        let row = format!("{account:?} {api_key:?}");
        match created {
            Ok(created) => {
                assert!(expected, "row: {row}");
                assert_eq!(created.account.is_some(), account.is_some(), "row: {row}");
                assert_eq!(created.api_key.is_some(), api_key.is_some(), "row: {row}");
            }
            Err(error) => {
                assert!(!expected && matches!(error, ManageError::NoOwner), "row: {row}");
                assert_eq!(world.store.batches().len(), before, "row: {row}");
            }
        }
    }
    // An owner that cannot come in is none.
    let mut new = new_organization(OWNER, member);
    if let Some(account) = &mut new.account {
        account.secret_hours = None;
    }
    let created = world.authority.create_organization(&founder, &new).await;
    assert!(matches!(created, Err(ManageError::NoOwner)));
    let roles = group_roles(GroupRole::Owner);
    let new =
        NewOrganization { account: Some(new_account(roles)), ..new_organization(None, OWNER) };
    let created = world.authority.create_organization(&founder, &new).await;
    assert!(matches!(created, Err(ManageError::Denied(Denied::RoleLacking))));
}

#[tokio::test]
async fn an_owner_of_any_organization_may_found_one_and_nobody_else() {
    let world = World::new().await;
    let new = new_organization(OWNER, None);
    for role in EnumSet::<OrgRole>::all() {
        let account = world.caller(&hire(&world, org_roles(role)).await).await;
        let key = Key::of(&world, role).await.caller(&world);
        for caller in [account, key] {
            let created = world.authority.create_organization(&caller, &new).await;
            match created {
                Ok(_) => assert_eq!(role, OrgRole::Owner),
                Err(ManageError::Denied(Denied::NotOrgOwner)) => assert_ne!(role, OrgRole::Owner),
                Err(error) => panic!("{role}: {error}"),
            }
        }
    }
    let stranger = world.caller(&world.stranger).await;
    world.authority.create_organization(&stranger, &new).await.unwrap();
}

/// It is decided of the founder's organization, which must be as it was.
#[tokio::test]
async fn a_founder_that_is_demoted_meanwhile_founds_nothing() {
    let world = World::new().await;
    let account = hire(&world, org_roles(OrgRole::Owner)).await;
    let founder = world.caller(&account).await;
    let owner_caller = world.caller(&world.owner).await;
    let gate = world.store.hold().await;
    let (authority, org_id) = (world.authority.clone(), world.org_id);
    let deletion = tokio::spawn(async move {
        authority.delete_account(&owner_caller, org_id, account.client_id).await
    });
    world.store.wait_for_batches(world.store.batches().len() + 1).await;
    let authority = world.authority.clone();
    let new = new_organization(OWNER, None);
    let founding =
        tokio::spawn(async move { authority.create_organization(&founder, &new).await.map(drop) });
    tokio::task::yield_now().await; // it decides, while it still owns its organization
    drop(gate);
    deletion.await.unwrap().unwrap();
    let outcome = founding.await.unwrap();
    assert!(matches!(outcome, Err(ManageError::Denied(Denied::NotOrgOwner))), "{outcome:?}");
}

#[tokio::test]
async fn a_founding_that_failed_leaves_nothing() {
    let world = World::new().await;
    let founder = world.caller(&world.owner).await;
    world.store.fail_next([Fault::Failed]);
    let new = new_organization(OWNER, OWNER);
    let created = world.authority.create_organization(&founder, &new).await;
    assert!(matches!(created, Err(ManageError::Commit(_))));
    // What its own organization decides goes on.
    world.authority.rename_organization(&founder, world.org_id, &new.name).await.unwrap();
    world.authority.create_organization(&founder, &new).await.unwrap();
    world.authority.rename_organization(&founder, world.org_id, &new.name).await.unwrap();
}
