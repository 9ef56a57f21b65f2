//! A store that an earlier version left is read as if this one had written it.

#![allow(clippy::unwrap_used, reason = "test code")]

use std::path::Path;

use rescind_core::{
    api_key::ApiKey,
    clock::UnixTime,
    digest::WrappedHa1s,
    id::{ApiKeyId, ClientId, GroupId, OrgId, SecretId},
    organization::{OrgSettings, Organization},
    role::OrgRole,
    signing::KeyId,
    status_list::ListId,
    token::TokenId,
};
use rescind_store::{
    Actor, Change, Event, EventFilter, InstallationLock, Seq, SqliteStore, Store, Transaction,
    Versioned,
};
use rusqlite::Connection;

const NOW: UnixTime = UnixTime::from_second(1_740_819_600);
const ORG: OrgId = OrgId::from_bytes([0x11; 12]);
const GROUP: GroupId = GroupId::from_bytes([0x22; 12]);
const ACCOUNT: ClientId = ClientId::from_bytes([0x33; 12]);
const SECRET: SecretId = SecretId::from_bytes([0x44; 12]);

/// What the first version wrote of each change that it knew, word for word.
const ENTRIES: [(&str, &str); 10] = [
    ("operator", r#"{"type":"installation_created"}"#),
    ("operator", r#"{"type":"organization_created","orgId":"111111111111111111111111"}"#),
    (
        "operator",
        r#"{"type":"group_created","orgId":"111111111111111111111111","groupId":"222222222222222222222222"}"#,
    ),
    (
        "operator",
        r#"{"type":"service_account_created","orgId":"111111111111111111111111","clientId":"mdb_sa_id_333333333333333333333333"}"#,
    ),
    ("operator", r#"{"type":"signing_key_added","kid":"55555555-5555-5555-5555-555555555555"}"#),
    ("server", r#"{"type":"status_list_opened","closesAt":1740820200,"diesAt":1740824100}"#),
    (
        "mdb_sa_id_333333333333333333333333",
        r#"{"type":"blocks_taken","list":6,"first":0,"count":4,"clientId":"mdb_sa_id_333333333333333333333333","secretId":"444444444444444444444444"}"#,
    ),
    (
        "mdb_sa_id_333333333333333333333333",
        r#"{"type":"token_revoked","list":6,"index":70,"clientId":"mdb_sa_id_333333333333333333333333","tokenId":"00000000-0000-0000-0000-000000000007"}"#,
    ),
    (
        "mdb_sa_id_333333333333333333333333",
        r#"{"type":"secret_tokens_revoked","clientId":"mdb_sa_id_333333333333333333333333","secretId":"444444444444444444444444"}"#,
    ),
    (
        "server",
        r#"{"type":"account_tokens_revoked","clientId":"mdb_sa_id_333333333333333333333333"}"#,
    ),
];

fn store_of_the_first_version(data_dir: &Path) {
    let connection = Connection::open(data_dir.join("rescind.db")).unwrap();
    connection.execute_batch(include_str!("../migrations/sqlite/0001_first.sql")).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    connection
        .execute_batch(
            "INSERT INTO installation VALUES (1, x'0707070707070707');
             INSERT INTO organizations
                 VALUES (x'111111111111111111111111', 'Acme', 1740819600);
             INSERT INTO groups
                 VALUES (x'222222222222222222222222', x'111111111111111111111111', 'P', 1740819600);
             INSERT INTO service_accounts
                 VALUES (x'333333333333333333333333', x'111111111111111111111111', 'ORG_OWNER',
                         1740819600, 'old', 'account');
             INSERT INTO secrets
                 VALUES (x'333333333333333333333333', 1740819600, x'444444444444444444444444',
                         zeroblob(32), 1750000000, NULL, '6789');
             INSERT INTO signing_keys
                 VALUES (x'55555555555555555555555555555555', 'ES256', 1740819600, x'aa'),
                        (x'44444444444444444444444444444444', 'ES512', 1740819601, x'bb');
             INSERT INTO status_lists VALUES (6, 1740820200, 1740824100);
             INSERT INTO status_blocks
                 VALUES (6, 1, x'333333333333333333333333', x'444444444444444444444444', 64);",
        )
        .unwrap();
    let mut insert = connection.prepare("INSERT INTO changes VALUES (?1, ?2, ?3, ?4, ?5)").unwrap();
    for (seq, (actor, event)) in (1_i64..).zip(ENTRIES) {
        let address = actor.starts_with("mdb").then_some("192.0.2.7");
        insert.execute((seq, NOW.as_second(), actor, address, event)).unwrap();
    }
    connection.execute("UPDATE change_log_head SET seq = ?1", [ENTRIES.len()]).unwrap();
}

#[tokio::test]
async fn the_log_of_the_first_version_is_read() {
    let dir = tempfile::tempdir().unwrap();
    store_of_the_first_version(dir.path());
    let store = SqliteStore::open(dir.path()).unwrap();

    let list = ListId::from_number(6);
    let (client_id, secret_id) = (ACCOUNT, SECRET);
    let org = Some(ORG);
    let expected = [
        (None, Event::InstallationCreated),
        (org, Event::OrganizationCreated { org_id: ORG }),
        (org, Event::GroupCreated { group_id: GROUP }),
        (org, Event::ServiceAccountCreated { client_id }),
        (None, Event::SigningKeyAdded { kid: KeyId::from_bytes([0x55; 16]) }),
        (None, Event::StatusListOpened { closes_at: 1_740_820_200, dies_at: 1_740_824_100 }),
        (None, Event::BlocksTaken { list, first: 0, count: 4, client_id, secret_id }),
        (org, Event::TokenRevoked { list, index: 70, client_id, token_id: TokenId::from_u128(7) }),
        (org, Event::SecretTokensRevoked { client_id, secret_id }),
        (org, Event::AccountTokensRevoked { client_id }),
    ];
    let entries = store.entries(Seq(0), 100).await.unwrap();
    let read: Vec<_> = entries.iter().map(|entry| (entry.org_id, entry.event.clone())).collect();
    assert_eq!(read, expected);
    let by_account = Actor::Account { client_id, address: "192.0.2.7".parse().unwrap() };
    let actors = [(1, Actor::Operator), (6, Actor::Server), (8, by_account)];
    for (seq, actor) in actors {
        assert_eq!(entries[seq - 1].actor, actor, "entry {seq}");
    }

    // Its entries are found like new ones, and new ones follow them.
    let filter = EventFilter { group_id: Some(GROUP), limit: 9, ..EventFilter::default() };
    let renamed = Change::GroupRenamed { group_id: GROUP, name: "Q".to_owned() };
    let transaction = Transaction {
        actor: Actor::Server,
        org_id: org,
        decided_of: Some(Versioned { version: Seq(0), value: ORG }),
        changes: vec![renamed],
    };
    assert_eq!(store.commit(NOW, &[transaction]).await.unwrap(), [Ok(Seq(11))]);
    let (events, total) = store.events(ORG, &filter).await.unwrap();
    assert_eq!(
        (events.iter().map(|entry| entry.seq.0).collect::<Vec<_>>(), total),
        (vec![11, 3], 2)
    );
    let filter = EventFilter { types: vec!["TOKEN_REVOKED".to_owned()], limit: 9, ..filter };
    let filter = EventFilter { group_id: None, ..filter };
    assert_eq!(store.events(ORG, &filter).await.unwrap().0, entries[7..8]);
}

#[tokio::test]
async fn what_the_first_version_kept_is_there() {
    let dir = tempfile::tempdir().unwrap();
    store_of_the_first_version(dir.path());
    let store = SqliteStore::open(dir.path()).unwrap();
    let snapshot = store.snapshot(NOW).await.unwrap();
    assert_eq!(snapshot.seq, Seq(10));
    let value = Organization {
        id: ORG,
        name: "Acme".to_owned(),
        created_at: NOW,
        settings: OrgSettings::default(),
    };
    assert_eq!(snapshot.organizations, [Versioned { version: Seq(0), value }]);
    assert_eq!(snapshot.principals[0].credentials[0].id, SECRET);
    assert!(snapshot.principals[0].access_list.is_none());
    assert_eq!(snapshot.lists[0].revoked, [(1, 64)]);
    assert_eq!(store.issued(ACCOUNT).await.unwrap(), [], "it noted none");
}

/// The first version's store, as the second one left it: with an access list, and no API keys yet.
#[tokio::test]
async fn a_store_of_the_second_version_takes_api_keys() {
    let dir = tempfile::tempdir().unwrap();
    store_of_the_first_version(dir.path());
    let connection = Connection::open(dir.path().join("rescind.db")).unwrap();
    connection.execute_batch(include_str!("../migrations/sqlite/0002_management.sql")).unwrap();
    connection.pragma_update(None, "user_version", 2).unwrap();
    connection
        .execute_batch(
            "INSERT INTO access_entries
                 VALUES (x'333333333333333333333333', '192.0.2.0/24', 11, 1740819600, 5, NULL, NULL)",
        )
        .unwrap();
    drop(connection);

    let store = SqliteStore::open(dir.path()).unwrap();
    let [entry] = store.access_entries(ACCOUNT.into()).await.unwrap().try_into().unwrap();
    assert_eq!((entry.network.to_string().as_str(), entry.request_count), ("192.0.2.0/24", 5));
    assert!(store.snapshot(NOW).await.unwrap().api_keys.is_empty());
    let id = ApiKeyId::from_bytes([0x77; 12]);
    let key = ApiKey {
        id,
        org_id: ORG,
        public_key: "abcdefgh".parse().unwrap(),
        description: "d".to_owned(),
        created_at: NOW,
        roles: OrgRole::Owner.into(),
        last_twelve: "123456789012".to_owned(),
        credentials: WrappedHa1s::from_bytes([7; _]),
    };
    let transaction = Transaction {
        actor: Actor::Operator,
        org_id: Some(ORG),
        decided_of: None,
        changes: vec![Change::ApiKeyCreated(key)],
    };
    store.commit(NOW, &[transaction]).await.unwrap();
    assert_eq!(store.snapshot(NOW).await.unwrap().api_keys[0].id, id);
}

#[tokio::test]
async fn the_keys_of_the_first_version_are_there() {
    let dir = tempfile::tempdir().unwrap();
    store_of_the_first_version(dir.path());
    let store = SqliteStore::open(dir.path()).unwrap();
    let lock = InstallationLock { fingerprint: [7; 8], data_keys: None };
    assert_eq!(store.installation().await.unwrap(), Some(lock));
    // The log tells of one of them when it was added; the other's entry was never written.
    let keys = store.signing_keys().await.unwrap();
    let kept: Vec<_> = keys.iter().map(|key| (key.info.kid, &*key.sealed)).collect();
    let [first, last] = [0x44, 0x55].map(|n| KeyId::from_bytes([n; 16]));
    assert_eq!(kept, [(first, &[0xbb][..]), (last, &[0xaa])]);
    // Each of them may have signed until a moment ago.
    assert!(keys.iter().all(|key| key.info.signs_from > NOW.plus_seconds(3600)));
    assert!(keys.iter().all(|key| key.info.created_at < NOW.plus_seconds(2)));
}
