//! Who is asked for: an account, one whose secret has expired, an API key, and the ids of nobody.

use enumset::EnumSet;
use rescind_core::account::{Secret, ServiceAccount};
use rescind_core::api_key::{ApiKey, PrivateKey, PublicKey};
use rescind_core::clock::UnixTime;
use rescind_core::data_keys::DataKeys;
use rescind_core::digest::Ha1s;
use rescind_core::id::{ApiKeyId, ClientId, OrgId, SecretId};
use rescind_core::organization::{OrgSettings, Organization};
use rescind_core::random::SystemRandom;
use rescind_core::role::OrgRole;
use rescind_core::secret::{ClientSecret, SecretHasher};
use rescind_store::{Actor, Change, SqliteStore, Store, Transaction};

use crate::error::Error;

const DAY: i64 = 24 * 3600;

pub(crate) struct Stage {
    pub(crate) known: ClientId,
    pub(crate) unknown: ClientId,
    pub(crate) expired: ClientId,
    /// The right one, which has expired.
    pub(crate) expired_secret: ClientSecret,
    pub(crate) known_key: PublicKey,
    pub(crate) unknown_key: PublicKey,
}

/// Writes them into the store.
pub(crate) async fn set(
    store: &SqliteStore,
    data_keys: &DataKeys,
    now: UnixTime,
) -> Result<Stage, Error> {
    let client = || ClientId::generate(now, &SystemRandom);
    let stage = Stage {
        known: client(),
        unknown: client(),
        expired: client(),
        expired_secret: ClientSecret::generate(&SystemRandom),
        known_key: PublicKey::generate(&SystemRandom),
        unknown_key: PublicKey::generate(&SystemRandom),
    };
    let created_at = now.plus_seconds(-2 * DAY);
    let org_id = OrgId::generate(created_at, &SystemRandom);
    let hasher = SecretHasher::new(data_keys);
    let account = |client_id, secret: &ClientSecret, expires_at| {
        Change::ServiceAccountCreated(ServiceAccount {
            client_id,
            org_id,
            name: "asked for".to_owned(),
            description: String::new(),
            created_at,
            roles: EnumSet::only(OrgRole::Member),
            secrets: vec![Secret {
                id: SecretId::generate(created_at, &SystemRandom),
                hash: hasher.hash(secret.expose()),
                last_four: secret.last_four().to_owned(),
                created_at,
                expires_at,
                last_used_at: None,
            }],
        })
    };
    let (id, private_key) =
        (ApiKeyId::generate(created_at, &SystemRandom), PrivateKey::generate(&SystemRandom));
    let changes = vec![
        Change::OrganizationCreated(Organization {
            id: org_id,
            name: "an organization".to_owned(),
            created_at,
            settings: OrgSettings::default(),
        }),
        account(stage.known, &ClientSecret::generate(&SystemRandom), now.plus_seconds(DAY)),
        account(stage.expired, &stage.expired_secret, now.plus_seconds(-DAY)),
        Change::ApiKeyCreated(ApiKey {
            id,
            org_id,
            public_key: stage.known_key,
            description: "asked for".to_owned(),
            created_at,
            roles: EnumSet::only(OrgRole::Member),
            last_twelve: private_key.last_twelve().to_owned(),
            credentials: Ha1s::new(stage.known_key, &private_key).wrap(
                data_keys,
                id,
                &SystemRandom,
            ),
        }),
    ];
    let transaction =
        Transaction { actor: Actor::Operator, org_id: Some(org_id), decided_of: None, changes };
    store.commit(now, &[transaction]).await?;
    Ok(stage)
}
