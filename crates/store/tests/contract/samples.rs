//! Changes to commit. Things are told apart by a number, which fills their id.

use enumset::EnumSet;
use rescind_core::{
    account::{Assignment, Principal, Secret, ServiceAccount},
    api_key::{ApiKey, PublicKey},
    clock::UnixTime,
    data_keys::WrappedDataKeys,
    digest::WrappedHa1s,
    id::{ApiKeyId, ClientId, GroupId, OrgId, SecretId},
    organization::{Group, OrgSettings, Organization},
    role::{GroupRole, OrgRole},
    secret::SecretHash,
    signing::{Algorithm, KeyId, KeyInfo, WrappedKey},
    status_list::{ListId, StatusRef, Term},
    token::TokenId,
};
use rescind_store::{Actor, Change, ListSnapshot, Seq, Store, TokensOf, Transaction, Versioned};

pub(crate) const NOW: UnixTime = UnixTime::from_second(1_740_819_600);
pub(crate) const ORG: OrgId = OrgId::from_bytes([1; 12]);

pub(crate) fn account(n: u8) -> ClientId {
    ClientId::from_bytes([n; 12])
}

pub(crate) fn secret(n: u8) -> SecretId {
    SecretId::from_bytes([n; 12])
}

pub(crate) fn api_key(n: u8) -> ApiKeyId {
    ApiKeyId::from_bytes([n; 12])
}

/// An API key whose credentials are its number repeated.
pub(crate) fn stored_key(n: u8) -> ApiKey {
    ApiKey {
        id: api_key(n),
        org_id: ORG,
        public_key: public_key(n),
        description: format!("key {n}: 東京"),
        created_at: NOW.plus_seconds(n.into()),
        roles: OrgRole::Owner | OrgRole::BillingReadOnly,
        last_twelve: format!("{n:012}"),
        credentials: WrappedHa1s::from_bytes([n; _]),
    }
}

pub(crate) fn public_key(n: u8) -> PublicKey {
    let letter = char::from(b'a' + n);
    format!("abcdefg{letter}").parse().unwrap()
}

pub(crate) fn transaction(changes: impl Into<Vec<Change>>) -> Transaction {
    Transaction {
        actor: Actor::Server,
        org_id: Some(ORG),
        decided_of: None,
        changes: changes.into(),
    }
}

/// What was decided of an organization at this version of it.
pub(crate) fn decided(at: Seq, changes: impl Into<Vec<Change>>) -> Transaction {
    Transaction { decided_of: Some(Versioned { version: at, value: ORG }), ..transaction(changes) }
}

/// Commits `changes` as one transaction; the number of the first.
pub(crate) async fn commit(store: &dyn Store, changes: impl Into<Vec<Change>>) -> Seq {
    store.commit(NOW, &[transaction(changes)]).await.unwrap()[0].unwrap()
}

pub(crate) fn organization() -> Organization {
    Organization {
        id: ORG,
        name: "Acme".to_owned(),
        created_at: NOW,
        settings: OrgSettings::default(),
    }
}

/// An organization with projects 1 and 2; account 1 with secrets 1 and 2, the first the older one;
/// account 2 with secret 3. Eight changes.
pub(crate) async fn stocked(store: &dyn Store) {
    let secrets = [vec![stored_secret(1, 10), stored_secret(2, 0)], vec![stored_secret(3, 0)]];
    let [first, second] = secrets;
    let changes = [
        Change::OrganizationCreated(organization()),
        Change::GroupCreated(group(1)),
        Change::GroupCreated(group(2)),
        Change::ServiceAccountCreated(service_account(1, first)),
        Change::ServiceAccountCreated(service_account(2, second)),
        assigned(1, 1, GroupRole::Owner.into()),
        assigned(2, 1, GroupRole::ReadOnly.into()),
        listed(2, "192.0.2.0/24"),
    ];
    commit(store, changes).await;
}

pub(crate) fn assigned(n: u8, to: u8, roles: EnumSet<GroupRole>) -> Change {
    let assignment = Assignment { group_id: group(to).id, roles };
    Change::ServiceAccountAssigned { client_id: account(n), assignment }
}

pub(crate) fn listed(n: u8, network: &str) -> Change {
    Change::AccessListEntryAdded { owner: account(n).into(), network: network.parse().unwrap() }
}

/// The organization, which a start must see as a look at it alone does.
pub(crate) async fn organization_in(store: &dyn Store) -> Option<Versioned<Organization>> {
    let alone = store.organization(ORG).await.unwrap();
    let snapshot = store.snapshot(NOW).await.unwrap().organizations;
    assert_eq!(snapshot.into_iter().find(|found| found.value.id == ORG), alone);
    alone
}

/// The same of a project.
pub(crate) async fn group_in(store: &dyn Store, n: u8) -> Option<Group> {
    let alone = store.group(group(n).id).await.unwrap();
    let snapshot = store.snapshot(NOW).await.unwrap().groups;
    assert_eq!(snapshot.into_iter().find(|found| found.id == group(n).id), alone);
    alone
}

/// The same of an account, as requests see it.
pub(crate) async fn principal_in(store: &dyn Store, n: u8) -> Option<Principal> {
    let alone = store.principal(account(n)).await.unwrap();
    let snapshot = store.snapshot(NOW).await.unwrap().principals;
    let found = snapshot.into_iter().find(|found| found.client_id == account(n));
    assert_eq!(format!("{found:?}"), format!("{alone:?}"));
    alone
}

/// An account, as the management API sees it.
pub(crate) async fn account_in(store: &dyn Store, n: u8) -> Option<ServiceAccount> {
    store.accounts(&[account(n)]).await.unwrap().pop()
}

/// The access list of an account: networks, oldest first.
pub(crate) async fn networks_in(store: &dyn Store, n: u8) -> Vec<String> {
    let entries = store.access_entries(account(n).into()).await.unwrap();
    entries.iter().map(|entry| entry.network.to_string()).collect()
}

pub(crate) fn group(n: u8) -> Group {
    Group {
        id: GroupId::from_bytes([n; 12]),
        org_id: ORG,
        name: format!("Projekt Ä{n}"),
        created_at: NOW.plus_seconds(n.into()),
    }
}

pub(crate) fn service_account(n: u8, secrets: Vec<Secret>) -> ServiceAccount {
    ServiceAccount {
        client_id: account(n),
        org_id: ORG,
        name: format!("account {n}"),
        description: "tests".to_owned(),
        created_at: NOW,
        roles: OrgRole::Owner | OrgRole::BillingReadOnly,
        secrets,
    }
}

/// A secret whose hash is its number repeated, made `age` seconds ago.
pub(crate) fn stored_secret(n: u8, age: i64) -> Secret {
    Secret {
        id: secret(n),
        hash: SecretHash::from_bytes([n; 32]),
        last_four: format!("{n:04}"),
        created_at: NOW.plus_seconds(-age),
        expires_at: NOW.plus_seconds(1000 - age),
        last_used_at: None,
    }
}

pub(crate) fn key(n: u8, algorithm: Algorithm) -> WrappedKey {
    let kid = KeyId::from_bytes([n; 16]);
    let created_at = NOW.plus_seconds(n.into());
    let info = KeyInfo { kid, algorithm, created_at, signs_from: created_at.plus_seconds(100) };
    WrappedKey { info, sealed: vec![n; 77] }
}

pub(crate) fn data_keys(n: u8) -> WrappedDataKeys {
    WrappedDataKeys { fingerprint: [n; 8], sealed: vec![n; 92] }
}

/// Opens a list `age` seconds before now.
pub(crate) async fn open_list(store: &dyn Store, age: i64) -> ListId {
    let opened = Change::StatusListOpened(Term::starting(NOW.plus_seconds(-age)));
    ListId::from_number(commit(store, [opened]).await.0)
}

pub(crate) fn taken(list: ListId, first: u32, count: u32, of: (u8, u8)) -> Change {
    let (client_id, secret_id) = (account(of.0), secret(of.1));
    Change::BlocksTaken { list, first, count, client_id, secret_id }
}

pub(crate) fn revoked(list: ListId, index: u32) -> Change {
    Change::TokenRevoked {
        status: StatusRef { list, index },
        client_id: account(1),
        token_id: TokenId::from_u128(index.into()),
    }
}

/// The blocks with set bits of the only live list, by number.
pub(crate) async fn bits(store: &dyn Store) -> Vec<(u32, u64)> {
    let lists = store.snapshot(NOW).await.unwrap().lists;
    let [ListSnapshot { revoked, .. }] = lists.try_into().unwrap();
    let mut revoked = revoked;
    revoked.sort_unstable();
    revoked
}

/// The blocks of these whose tokens are all dead, by list and number.
pub(crate) async fn dead_blocks(store: &dyn Store, of: &[TokensOf]) -> Vec<(ListId, u32)> {
    let mut blocks = store.dead_blocks(of).await.unwrap();
    blocks.sort_unstable();
    blocks.into_iter().map(|block| (block.list, block.number)).collect()
}

/// How many blocks an account has. Its tokens die of the question.
pub(crate) async fn count_blocks(store: &dyn Store, n: u8) -> usize {
    commit(store, [Change::AccountTokensRevoked { client_id: account(n) }]).await;
    dead_blocks(store, &[TokensOf::Account(account(n))]).await.len()
}
