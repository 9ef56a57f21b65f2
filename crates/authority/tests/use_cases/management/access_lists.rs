//! service-accounts-api.md 7.

use std::{collections::BTreeSet, net::IpAddr};

use ipnet::IpNet;
use rescind_authority::{AddressRefused, AuthenticateError, AuthorizeError, ManageError, Scope};
use rescind_core::{
    clock::Clock as _, organization::OrgSettings, role::OrgRole, token::AccessToken,
};

use super::{hire, org_roles};
use crate::support::{ADDRESS, Account, World};

fn networks(texts: &[&str]) -> BTreeSet<IpNet> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

async fn allow(world: &World, account: &Account, texts: &[&str]) -> Vec<String> {
    let (owner, scope) = (world.caller(&world.owner).await, Scope::Org(world.org_id));
    let (id, added) = (account.client_id, networks(texts));
    let list = world.authority.add_access_entries(&owner, scope, id, &added).await.unwrap();
    list.iter().map(|entry| entry.network.to_string()).collect()
}

fn authenticated(world: &World, account: &Account, from: IpAddr) -> Result<(), AuthenticateError> {
    let (id, secret) = (account.client_id.to_string(), account.secrets[0].1.expose());
    world.authority.authenticate(&id, secret, from).map(drop)
}

fn authorized(world: &World, token: &AccessToken, from: IpAddr) -> Result<(), AuthorizeError> {
    world.authority.authorize(token.expose(), from).map(drop)
}

async fn require_lists(world: &World) {
    let owner = world.caller(&world.owner).await;
    allow(world, &world.owner, &["127.0.0.0/8"]).await;
    let set = |settings| OrgSettings { api_access_list_required: true, ..settings };
    world.authority.change_org_settings(&owner, world.org_id, set).await.unwrap();
}

/// Each of the entries is an entry of the log, and each of these says that the account has changed.
#[tokio::test]
async fn an_account_is_read_again_once_for_two_hundred_new_entries() {
    let world = World::new().await;
    let entries: Vec<_> = (0..200).map(|n| format!("192.0.2.{n}/32")).collect();
    let entries: Vec<_> = entries.iter().map(String::as_str).collect();
    let before = world.store.accounts_read();
    assert_eq!(allow(&world, &world.me, &entries).await.len(), 200);
    assert_eq!(world.store.accounts_read() - before, 1);
    let last = "192.0.2.199".parse().unwrap();
    assert_eq!(authenticated(&world, &world.me, last), Ok(()));
}

/// "Effect of the list", the row of the setting off, at both doors and after a restart.
#[tokio::test]
async fn a_list_lets_just_its_addresses_through() {
    let world = World::new().await;
    let token = world.issue(&world.me, 1).await.remove(0);
    let [near, far]: [IpAddr; 2] = ["192.0.2.9", "198.51.100.9"].map(|a| a.parse().unwrap());
    assert_eq!(authenticated(&world, &world.me, far), Ok(()));
    assert_eq!(authorized(&world, &token, far), Ok(()));
    allow(&world, &world.me, &["192.0.2.0/24", "2001:db8::/32"]).await;
    let check = |world: &World| {
        let refused = AddressRefused::NotOnList;
        let inside: IpAddr = "2001:db8::1".parse().unwrap();
        for from in [near, inside] {
            assert_eq!(authenticated(world, &world.me, from), Ok(()));
            assert_eq!(authorized(world, &token, from), Ok(()));
        }
        let outside: IpAddr = "2001:db9::1".parse().unwrap();
        for from in [far, outside, ADDRESS] {
            let (by_secret, by_token) =
                (AuthenticateError::Address(refused), AuthorizeError::Address(refused));
            assert_eq!(authenticated(world, &world.me, from), Err(by_secret));
            assert_eq!(authorized(world, &token, from), Err(by_token));
        }
        assert_eq!(authenticated(world, &world.colleague, far), Ok(()), "it is nobody else's");
    };
    check(&world);
    check(&world.restart().await);
}

/// oauth-endpoints.md 5.1: who cannot prove who it is learns of no list.
#[tokio::test]
async fn only_the_client_learns_that_its_address_is_wrong() {
    let world = World::new().await;
    allow(&world, &world.me, &["192.0.2.0/24"]).await;
    let id = world.me.client_id.to_string();
    let wrong = world.colleague.secrets[0].1.expose();
    let refused = world.authority.authenticate(&id, wrong, ADDRESS);
    assert_eq!(refused.unwrap_err(), AuthenticateError::Unknown);
    assert_eq!(world.authority.authorize("a.b.c", ADDRESS).unwrap_err(), AuthorizeError::Dead);
}

/// The row of the setting on: an account without a list is unusable.
#[tokio::test]
async fn an_organization_can_require_a_list() {
    let world = World::new().await;
    let token = world.issue(&world.me, 1).await.remove(0);
    require_lists(&world).await;
    let refused = AddressRefused::ListRequired;
    assert_eq!(authenticated(&world, &world.me, ADDRESS), Err(refused.into()));
    assert_eq!(authorized(&world, &token, ADDRESS), Err(refused.into()));
    assert_eq!(authenticated(&world, &world.owner, ADDRESS), Ok(()));
    assert_eq!(authenticated(&world, &world.stranger, ADDRESS), Ok(()), "only its own accounts");
    allow(&world, &world.me, &["127.0.0.1/32"]).await;
    assert_eq!(authenticated(&world, &world.me, ADDRESS), Ok(()));
    assert_eq!(authorized(&world, &token, ADDRESS), Ok(()));
}

/// oauth-endpoints.md 5.3: the operator may follow Atlas, where lists are for tokens alone.
#[tokio::test]
async fn lists_may_hold_for_tokens_alone() {
    let mut world = World::new().await;
    world.settings.access_lists_on_oauth = false;
    let world = world.restart().await;
    allow(&world, &world.me, &["192.0.2.0/24"]).await;
    assert_eq!(authenticated(&world, &world.me, ADDRESS), Ok(()));
    let token = world.issue(&world.me, 1).await.remove(0);
    let refused = AddressRefused::NotOnList;
    assert_eq!(authorized(&world, &token, ADDRESS), Err(refused.into()));
    require_lists(&world).await;
    assert_eq!(authenticated(&world, &world.colleague, ADDRESS), Ok(()));
}

/// Rows "adds, never replaces", "already on the list", "at most 200", "unknown entry".
#[tokio::test]
async fn entries_add_up_to_two_hundred_and_repeats_are_none() {
    let world = World::new().await;
    let (owner, scope) = (world.caller(&world.owner).await, Scope::Org(world.org_id));
    let id = world.me.client_id;
    assert_eq!(allow(&world, &world.me, &["192.0.2.1/32"]).await, ["192.0.2.1/32"]);
    let both = ["192.0.2.1/32", "192.0.2.2/32"];
    assert_eq!(allow(&world, &world.me, &both).await, both);
    let many = |count: u8| (3..3 + count).map(|n| IpNet::from(IpAddr::from([192, 0, 2, n])));
    let too_many = many(199).collect();
    let added = world.authority.add_access_entries(&owner, scope, id, &too_many).await;
    assert!(matches!(added, Err(ManageError::TooManyEntries(_))));
    assert_eq!(allow(&world, &world.me, &both).await, both, "nothing was added");
    let mut filling = many(198).collect::<BTreeSet<_>>();
    filling.extend(networks(&both));
    let added = world.authority.add_access_entries(&owner, scope, id, &filling).await;
    assert_eq!(added.unwrap().len(), 200);

    let gone: IpNet = "192.0.2.2/32".parse().unwrap();
    world.authority.delete_access_entry(&owner, scope, id, gone).await.unwrap();
    let again = world.authority.delete_access_entry(&owner, scope, id, gone).await;
    assert!(matches!(again, Err(ManageError::EntryNotFound(network)) if network == gone));
    assert_eq!(world.authority.access_entries(&owner, scope, id).await.unwrap().len(), 199);
}

/// Row "the entry the request itself comes from cannot be removed".
#[tokio::test]
async fn a_caller_cannot_shut_its_own_door() {
    let world = World::new().await;
    let scope = Scope::Org(world.org_id);
    allow(&world, &world.owner, &["127.0.0.1/32", "192.0.2.0/24"]).await;
    let (owner, id) = (world.caller(&world.owner).await, world.owner.client_id);
    let [own, other]: [IpNet; 2] =
        ["127.0.0.1/32", "192.0.2.0/24"].map(|text| text.parse().unwrap());
    let removed = world.authority.delete_access_entry(&owner, scope, id, own).await;
    assert!(matches!(removed, Err(ManageError::CallersEntry)));
    world.authority.delete_access_entry(&owner, scope, id, other).await.unwrap();
    let removed = world.authority.delete_access_entry(&owner, scope, id, own).await;
    assert!(matches!(removed, Err(ManageError::CallersEntry)), "nor when it is the last");

    let second = hire(&world, org_roles(OrgRole::Owner)).await;
    let second = world.caller(&second).await;
    world.authority.delete_access_entry(&second, scope, id, own).await.unwrap();
}

/// Row "usage fields may lag": they are written by upkeep.
#[tokio::test]
async fn the_use_of_an_entry_is_counted() {
    let world = World::new().await;
    allow(&world, &world.me, &["127.0.0.0/8", "127.0.0.1/32"]).await;
    let token = world.issue(&world.me, 1).await.remove(0); // once
    world.clock.advance(5);
    authorized(&world, &token, ADDRESS).unwrap(); // twice
    authorized(&world, &token, "10.0.0.1".parse().unwrap()).unwrap_err();
    let (owner, scope) = (world.caller(&world.owner).await, Scope::Org(world.org_id));
    world.authority.upkeep().await;
    world.authority.upkeep().await;
    let list = world.authority.access_entries(&owner, scope, world.me.client_id).await.unwrap();
    let uses: Vec<_> = list
        .iter()
        .map(|entry| (entry.network.to_string(), entry.request_count, entry.last_used))
        .collect();
    let latest = Some((world.clock.now(), ADDRESS));
    let expected = [("127.0.0.0/8".to_owned(), 0, None), ("127.0.0.1/32".to_owned(), 2, latest)];
    assert_eq!(uses, expected, "the narrowest entry is the one that lets through");
}
