//! API keys prove themselves by HTTP Digest (conventions.md 1.1, RFC 7616).

use std::{collections::BTreeSet, net::IpAddr};

use rescind_authority::{AddressRefused, ApiKeyChange, DigestError, ManageError, Range, Scope};
use rescind_core::{
    api_key::PrivateKey,
    digest::{Algorithm, Presented},
    id::PrincipalId,
    organization::OrgSettings,
    random::SystemRandom,
    role::OrgRole,
};

use crate::support::{ADDRESS, Key, World, nonce};

fn present(world: &World, presented: &Presented<'_>) -> Result<PrincipalId, DigestError> {
    let caller = world.authority.authorize_digest(presented, "GET", ADDRESS);
    caller.map(|caller| caller.id())
}

#[tokio::test]
async fn a_key_proves_itself_by_either_algorithm_with_and_without_qop() {
    let world = World::new().await;
    let key = Key::of(&world, OrgRole::ReadOnly | OrgRole::GroupCreator).await;
    let check = |world: &World| {
        for algorithm in [Algorithm::Md5, Algorithm::Sha256] {
            for count in [Some(1), None] {
                let presented = key.answer(&nonce(world), algorithm, count);
                let caller = world.authority.authorize_digest(&presented, "GET", ADDRESS).unwrap();
                assert_eq!((caller.id(), caller.client_id()), (key.id.into(), None));
                assert_eq!((caller.address(), caller.rights().org_id), (ADDRESS, key.org_id));
                assert_eq!(caller.rights().roles, OrgRole::ReadOnly | OrgRole::GroupCreator);
            }
        }
    };
    check(&world);
    check(&world.restart().await);
}

#[tokio::test]
async fn an_unknown_key_and_a_wrong_response_are_one_and_the_same() {
    let world = World::new().await;
    let key = Key::of(&world, OrgRole::Owner).await;
    let other = Key::of(&world, OrgRole::Owner).await;
    let wrong = Key { private: PrivateKey::generate(&SystemRandom), ..key.clone() };
    let mixed = Key { private: other.private.clone(), ..key.clone() };
    let right = || key.answer(&nonce(&world), Algorithm::Sha256, Some(1));
    let rows = [
        ("a wrong private key", wrong.answer(&nonce(&world), Algorithm::Md5, Some(1))),
        ("that of another key", mixed.answer(&nonce(&world), Algorithm::Md5, None)),
        ("an unknown key", Presented { username: "qqqqqqqq".into(), ..right() }),
        ("no public key", Presented { username: "ÄÖÜ".into(), ..right() }),
        ("no name", Presented { username: "".into(), ..right() }),
        ("an account", Presented { username: world.me.client_id.to_string().into(), ..right() }),
        ("another realm", Presented { realm: "other".into(), ..right() }),
        ("another target", Presented { uri: "/api/public/v1.0/orgs".into(), ..right() }),
    ];
    for (row, presented) in rows {
        assert_eq!(present(&world, &presented), Err(DigestError::Unknown), "row: {row}");
    }
    let posted = world.authority.authorize_digest(&right(), "POST", ADDRESS);
    assert_eq!(posted.unwrap_err(), DigestError::Unknown);
    present(&world, &right()).unwrap();
}

/// RFC 7616 section 3.3: `stale` is only for who knows the key.
#[tokio::test]
async fn a_nonce_that_is_too_old_or_not_ours_is_stale_under_a_right_response_only() {
    let world = World::new().await;
    let key = Key::of(&world, OrgRole::Owner).await;
    let wrong = Key { private: PrivateKey::generate(&SystemRandom), ..key.clone() };
    let old = nonce(&world);
    let expect_stale = |world: &World, row: &str, nonce: &str| {
        let presented = key.answer(nonce, Algorithm::Md5, Some(1));
        assert_eq!(present(world, &presented), Err(DigestError::Stale), "row: {row}");
        let presented = wrong.answer(nonce, Algorithm::Md5, Some(1));
        assert_eq!(present(world, &presented), Err(DigestError::Unknown), "row: {row}");
    };
    world.clock.advance(299);
    present(&world, &key.answer(&old, Algorithm::Md5, Some(1))).unwrap();
    world.clock.advance(1);
    let presented = key.answer(&old, Algorithm::Md5, Some(2));
    assert_eq!(present(&world, &presented), Err(DigestError::Stale));
    expect_stale(&world, "five minutes old", &old);
    expect_stale(&world, "made up", "dcd98b7102dd2f0e8b11d0f600bfb0c093");
    expect_stale(&world, "empty", "");
    let young = nonce(&world);
    world.clock.advance(-1);
    expect_stale(&world, "of a time to come", &young);
    world.clock.advance(1);
    // What it was used for is forgotten with the run that it was used in.
    let world = world.restart().await;
    expect_stale(&world, "of an earlier run", &young);
    present(&world, &key.answer(&nonce(&world), Algorithm::Md5, Some(1))).unwrap();
}

#[tokio::test]
async fn no_response_is_taken_twice() {
    let world = World::new().await;
    let key = Key::of(&world, OrgRole::Owner).await;
    let first = nonce(&world);
    #[rustfmt::skip]
    let rows = [
        ("a first request",             Algorithm::Md5,    Some(1),    true),
        ("its replay",                  Algorithm::Md5,    Some(1),    false),
        ("by another algorithm",        Algorithm::Sha256, Some(1),    false),
        ("a later one",                 Algorithm::Md5,    Some(9),    true),
        ("one that it overtook",        Algorithm::Md5,    Some(3),    true),
        ("the replay of that",          Algorithm::Md5,    Some(3),    false),
        ("without a count",             Algorithm::Md5,    None,       false),
    ];
    for (row, algorithm, count, taken) in rows {
        let outcome = present(&world, &key.answer(&first, algorithm, count));
        let expected = if taken { Ok(key.id.into()) } else { Err(DigestError::Stale) };
        assert_eq!(outcome, expected, "row: {row}");
    }
    let second = nonce(&world);
    present(&world, &key.answer(&second, Algorithm::Md5, None)).unwrap();
    for count in [None, Some(1)] {
        let outcome = present(&world, &key.answer(&second, Algorithm::Md5, count));
        assert_eq!(outcome, Err(DigestError::Stale));
    }
    // Nor once it is dead, whatever was forgotten and whatever the clock does then.
    world.clock.advance(300);
    world.authority.upkeep().await;
    world.clock.advance(-300);
    for (nonce, count) in [(&first, Some(10)), (&first, Some(1)), (&second, None)] {
        let outcome = present(&world, &key.answer(nonce, Algorithm::Md5, count));
        assert_eq!(outcome, Err(DigestError::Stale));
    }
}

/// Nobody but the key itself can use up a nonce that it was given.
#[tokio::test]
async fn a_wrong_response_leaves_the_nonce_as_it_was() {
    let world = World::new().await;
    let key = Key::of(&world, OrgRole::Owner).await;
    let wrong = Key { private: PrivateKey::generate(&SystemRandom), ..key.clone() };
    let nonce = nonce(&world);
    for count in [Some(1), Some(u32::MAX), None] {
        let outcome = present(&world, &wrong.answer(&nonce, Algorithm::Md5, count));
        assert_eq!(outcome, Err(DigestError::Unknown));
    }
    present(&world, &key.answer(&nonce, Algorithm::Md5, Some(1))).unwrap();
}

/// service-accounts-api.md 7, "Effect of the list", for keys.
#[tokio::test]
async fn the_access_list_of_a_key_holds_and_only_the_key_learns_of_it() {
    let world = World::new().await;
    let (owner, org) = (world.caller(&world.owner).await, Scope::Org(world.org_id));
    let key = Key::of(&world, OrgRole::Owner).await;
    let wrong = Key { private: PrivateKey::generate(&SystemRandom), ..key.clone() };
    let far: IpAddr = "198.51.100.9".parse().unwrap();
    key.try_from(&world.authority, far).unwrap();
    let added = BTreeSet::from(["127.0.0.0/8".parse().unwrap()]);
    world.authority.add_access_entries(&owner, org, key.id, &added).await.unwrap();
    let not_on_list = DigestError::Address(AddressRefused::NotOnList);
    assert_eq!(key.try_from(&world.authority, far).unwrap_err(), not_on_list);
    assert_eq!(wrong.try_from(&world.authority, far).unwrap_err(), DigestError::Unknown);
    key.caller(&world);
    world.authority.upkeep().await;
    let list = world.authority.access_entries(&owner, org, key.id).await.unwrap();
    assert_eq!((list.len(), list[0].request_count), (1, 1));

    let bare = Key::of(&world, OrgRole::Owner).await;
    world.authority.add_access_entries(&owner, org, world.owner.client_id, &added).await.unwrap();
    let set = |settings| OrgSettings { api_access_list_required: true, ..settings };
    world.authority.change_org_settings(&owner, world.org_id, set).await.unwrap();
    let required = DigestError::Address(AddressRefused::ListRequired);
    assert_eq!(bare.try_from(&world.authority, ADDRESS).unwrap_err(), required);
    let world = world.restart().await;
    assert_eq!(bare.try_from(&world.authority, ADDRESS).unwrap_err(), required);
    assert_eq!(key.try_from(&world.authority, far).unwrap_err(), not_on_list);
    key.caller(&world);
}

#[tokio::test]
async fn a_key_that_is_gone_proves_nobody_and_one_that_is_changed_has_its_new_roles() {
    let world = World::new().await;
    let owner = world.caller(&world.owner).await;
    let key = Key::of(&world, OrgRole::Owner).await;
    let before = key.caller(&world);
    let change = ApiKeyChange { roles: Some(OrgRole::Member.into()), ..ApiKeyChange::default() };
    world.authority.change_api_key(&owner, world.org_id, key.id, &change).await.unwrap();
    assert_eq!(key.caller(&world).rights().roles, OrgRole::Member);
    // Also for a request that was let in before.
    let new = Key::to_be_made(OrgRole::Owner);
    let created = world.authority.create_api_key(&before, world.org_id, &new);
    assert!(matches!(created.await, Err(ManageError::Denied(_))));
    world.authority.delete_api_key(&owner, world.org_id, key.id).await.unwrap();
    let gone = key.try_from(&world.authority, ADDRESS);
    assert_eq!(gone.unwrap_err(), DigestError::Unknown);
    let created = world.authority.create_api_key(&before, world.org_id, &new);
    assert!(matches!(created.await, Err(ManageError::Denied(_))));
}

#[tokio::test]
async fn keys_that_are_off_let_nobody_in_and_can_be_seen_and_deleted() {
    let mut world = World::new().await;
    let key = Key::of(&world, OrgRole::Owner).await;
    let nonce = nonce(&world);
    world.settings.api_keys = false;
    let world = world.restart().await;
    assert_eq!(world.authority.challenge(), None);
    let presented = key.answer(&nonce, Algorithm::Md5, Some(1));
    assert_eq!(present(&world, &presented), Err(DigestError::Unknown));

    let owner = world.caller(&world.owner).await;
    let (authority, org_id) = (&world.authority, world.org_id);
    let created = authority.create_api_key(&owner, org_id, &Key::to_be_made(OrgRole::Owner)).await;
    assert!(matches!(created, Err(ManageError::ApiKeysOff)));
    let range = Range { offset: 0, limit: 10 };
    assert_eq!(authority.api_keys(&owner, org_id, range).await.unwrap().1, 1);
    authority.api_key(&owner, org_id, key.id).await.unwrap();
    // A key that cannot enter is no owner to rely on.
    let last = authority.delete_account(&owner, org_id, world.owner.client_id).await;
    assert!(matches!(last, Err(ManageError::LastOwner)));
    authority.delete_api_key(&owner, org_id, key.id).await.unwrap();
    assert_eq!(authority.api_keys(&owner, org_id, range).await.unwrap().1, 0);
}
