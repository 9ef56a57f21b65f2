//! Changes to commit. Things are told apart by a number, which fills their id.

use rescind_core::{
    account::{Secret, ServiceAccount},
    clock::UnixTime,
    id::{ClientId, GroupId, OrgId, SecretId},
    organization::{Group, OrgSettings, Organization},
    role::OrgRole,
    secret::SecretHash,
    signing::{Algorithm, KeyId, WrappedKey},
    status_list::{ListId, StatusRef, Term},
    token::TokenId,
};
use rescind_store::{Actor, Change, ListSnapshot, Seq, Store, Transaction};

pub(crate) const NOW: UnixTime = UnixTime::from_second(1_740_819_600);
pub(crate) const ORG: OrgId = OrgId::from_bytes([1; 12]);

pub(crate) fn account(n: u8) -> ClientId {
    ClientId::from_bytes([n; 12])
}

pub(crate) fn secret(n: u8) -> SecretId {
    SecretId::from_bytes([n; 12])
}

pub(crate) fn transaction(changes: impl Into<Vec<Change>>) -> Transaction {
    Transaction {
        actor: Actor::Server,
        org_id: Some(ORG),
        decided_at: None,
        changes: changes.into(),
    }
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
    WrappedKey { kid, algorithm, created_at: NOW.plus_seconds(n.into()), sealed: vec![n; 77] }
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
