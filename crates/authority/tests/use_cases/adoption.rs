//! A store that is older than the data keys gets them at its first start, and all that it holds
//! stays good.

use std::sync::Arc;

use enumset::EnumSet;
use rescind_authority::{Settings, rotate_installation_key, start};
use rescind_core::{
    account::{Secret, ServiceAccount},
    api_key::{ApiKey, PrivateKey},
    clock::UnixTime,
    digest::WrappedHa1s,
    id::{ApiKeyId, ClientId, OrgId, SecretId},
    installation_key::InstallationKey,
    organization::{OrgSettings, Organization},
    random::{Random, SystemRandom},
    role::OrgRole,
    secret::SecretHash,
    signing::{Algorithm, KeyInfo, WrappedKey},
};
use rescind_store::{Actor, Change, Event, Seq, Store as _, Transaction};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::support::{ADDRESS, Key, TestClock, UnreliableStore, settings};

// What a program wrote that knew no data keys.
const INSTALLATION_KEY: &str = "72657363696e642066757a7a207461726765743a2061206b6e6f776e206b6579";
const SECRET: &str = "mdb_sa_sk_0123456789012345678901234567890123456789";
const HASH: &str = "d776b2876f7a1eb17008b66d0bfd71e53f5714998a636bd5a88cc2a932a8dc46";
const KID: &str = "f0d7fc77-4d73-40c0-9e3e-f73ae4cbfaea";
const SEALED: &str = "66c46d6a565c1d6c0caa6224d43a7d7d0dcd52e66d5287c25b3962078a4104ebf8b4f88b4d4d5474521a8a\
    764fa3b8d1fecca90ccc35ba565c811b627fdadd609324ba408dbf4b76a99144db";
const PUBLIC: &str = "_O_CfdkfL6HOMB6rF4K8ZL6SRM9nKigDSA-Tia7JO0U";

/// What is kept of the API key `abcdefgh` with the private key that [`Sevens`] make.
const HA1S: &str = "000102030405060708090a0bece73d14bc895139176235c0fea49dfeec1b598d8646af017176c62ec8c9\
    f1ab1568f65fbc605c019ba2aae966ee52d11e176e779837c3729857907f0f50cfb25f96f4f798587b97\
    273c6b960cb53dac6f1094876cb00dcb2ccacd67f697ae1d6e0d953fae431c253d441a4080e5a737";

const ORG: OrgId = OrgId::from_bytes([0x11; 12]);
const API_KEY: ApiKeyId = ApiKeyId::from_bytes([0x55; 12]);
const ACCOUNT: ClientId = ClientId::from_bytes([0x33; 12]);

struct Sevens;

impl Random for Sevens {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

fn api_key() -> Key {
    let (public, private) = ("abcdefgh".parse().unwrap(), PrivateKey::generate(&Sevens));
    Key { id: API_KEY, org_id: ORG, public, private }
}

fn installation_key() -> InstallationKey {
    INSTALLATION_KEY.parse().unwrap()
}

fn clock() -> Arc<TestClock> {
    Arc::new(TestClock::starting_at(1_800_000_000))
}

async fn earlier_store(dir: &TempDir) -> Arc<UnreliableStore> {
    let store = Arc::new(UnreliableStore::open(dir.path()));
    let fingerprint = installation_key().fingerprint();
    let connection = Connection::open(dir.path().join("rescind.db")).unwrap();
    connection.execute("INSERT INTO installation VALUES (1, ?1, NULL)", [fingerprint]).unwrap();
    let now = UnixTime::from_second(1_700_000_000);
    let info = KeyInfo {
        kid: KID.parse().unwrap(),
        algorithm: Algorithm::EdDsa,
        created_at: now,
        signs_from: now,
    };
    let mut ha1s = [0; _];
    hex::decode_to_slice(HA1S, &mut ha1s).unwrap();
    let mut hash = [0; 32];
    hex::decode_to_slice(HASH, &mut hash).unwrap();
    let secret = Secret {
        id: SecretId::from_bytes([0x44; 12]),
        hash: SecretHash::from_bytes(hash),
        last_four: "6789".to_owned(),
        created_at: now,
        expires_at: UnixTime::from_second(i64::MAX),
        last_used_at: None,
    };
    let changes = vec![
        Change::SigningKeyAdded(WrappedKey { info, sealed: hex::decode(SEALED).unwrap() }),
        Change::OrganizationCreated(Organization {
            id: ORG,
            name: "old".to_owned(),
            created_at: now,
            settings: OrgSettings::default(),
        }),
        Change::ServiceAccountCreated(ServiceAccount {
            client_id: ACCOUNT,
            org_id: ORG,
            name: "old".to_owned(),
            description: String::new(),
            created_at: now,
            roles: EnumSet::only(OrgRole::Owner),
            secrets: vec![secret],
        }),
        Change::ApiKeyCreated(ApiKey {
            id: API_KEY,
            org_id: ORG,
            public_key: api_key().public,
            description: "old".to_owned(),
            created_at: now,
            roles: EnumSet::only(OrgRole::Owner),
            last_twelve: api_key().private.last_twelve().to_owned(),
            credentials: WrappedHa1s::from_bytes(ha1s),
        }),
    ];
    let transaction =
        Transaction { actor: Actor::Operator, org_id: None, decided_of: None, changes };
    store.commit(now, &[transaction]).await.unwrap();
    store
}

/// The secret and the API key authenticate, and the key that there was signs.
async fn works(store: &Arc<UnreliableStore>, key: &InstallationKey) {
    let settings = Settings { algorithm: Algorithm::EdDsa, ..settings() };
    let authority = start(store.clone(), key, settings, clock(), Arc::new(SystemRandom));
    let authority = authority.await.unwrap();
    let keys = serde_json::to_value(authority.jwks()).unwrap();
    assert_eq!((keys.as_array().unwrap().len(), keys[0]["x"].as_str()), (1, Some(PUBLIC)));
    api_key().try_from(&authority, ADDRESS).unwrap();
    let client = authority.authenticate(&ACCOUNT.to_string(), SECRET, ADDRESS).unwrap();
    let token = authority.issue(&client).await.unwrap();
    assert!(authority.introspect(&client, token.expose()).is_some());
}

async fn adoptions(store: &UnreliableStore) -> usize {
    let entries = store.entries(Seq(0), 100).await.unwrap();
    entries.iter().filter(|entry| entry.event == Event::DataKeysAdopted).count()
}

#[tokio::test]
async fn a_store_of_an_earlier_version_works_as_before() {
    let dir = tempfile::tempdir().unwrap();
    let store = earlier_store(&dir).await;
    works(&store, &installation_key()).await;
    assert!(store.installation().await.unwrap().unwrap().data_keys.is_some());
    works(&store, &installation_key()).await;
    assert_eq!(adoptions(&store).await, 1);
}

#[tokio::test]
async fn its_installation_key_can_be_rotated_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = earlier_store(&dir).await;
    let (old, new) = (installation_key(), InstallationKey::generate(&SystemRandom));
    rotate_installation_key(&*store, &old, &new, &*clock(), &SystemRandom).await.unwrap();
    works(&store, &new).await;
    assert_eq!(adoptions(&store).await, 1);
}

#[tokio::test]
async fn another_installation_key_changes_nothing_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = earlier_store(&dir).await;
    let other = InstallationKey::generate(&SystemRandom);
    rescind_authority::unlock(&*store, &other, &*clock(), &SystemRandom).await.unwrap_err();
    assert_eq!(store.installation().await.unwrap().unwrap().data_keys, None);
    works(&store, &installation_key()).await;
}
