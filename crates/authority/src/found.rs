//! An empty store gets its first organization, project, account and signing key.

use enumset::EnumSet;
use rescind_core::{
    account::{Secret, ServiceAccount},
    clock::{Clock, UnixTime},
    data_keys::DataKeys,
    id::{ClientId, GroupId, OrgId, SecretId},
    installation_key::InstallationKey,
    organization::{Group, OrgSettings, Organization},
    random::Random,
    role::OrgRole,
    secret::{ClientSecret, SecretHasher},
    signing::{Algorithm, SigningKey},
};
use rescind_store::{Actor, Change, Store, StoreError, Transaction};

/// The name of the first organization and of its project.
const FIRST_NAME: &str = "default";

/// How long the first secret lives, in hours: the longest that the contract allows
/// (service-accounts-api.md 2.1).
const FIRST_SECRET_HOURS: i64 = 8766;

/// What the first account needs to get started. Its secret is shown once and kept nowhere.
#[derive(Debug)]
pub struct FirstAccount {
    /// Its organization.
    pub org_id: OrgId,
    /// The project in it.
    pub group_id: GroupId,
    /// Its id.
    pub client_id: ClientId,
    /// Its secret.
    pub secret: ClientSecret,
    /// From when on the secret authenticates nobody.
    pub secret_expires_at: UnixTime,
}

/// Founds an installation in an empty store: an organization and a project named "default", a
/// service account with `ORG_OWNER`, a signing key. Returns `None`, and changes nothing, if the
/// store is not empty.
///
/// # Errors
///
/// [`StoreError`] when nothing was founded.
pub async fn found(
    store: &dyn Store,
    installation_key: &InstallationKey,
    algorithm: Algorithm,
    clock: &dyn Clock,
    random: &dyn Random,
) -> Result<Option<FirstAccount>, StoreError> {
    let now = clock.now();
    if store.installation().await?.is_some() {
        return Ok(None);
    }
    let data_keys = DataKeys::generate(random);
    let secret = ClientSecret::generate(random);
    let first = FirstAccount {
        org_id: OrgId::generate(now, random),
        group_id: GroupId::generate(now, random),
        client_id: ClientId::generate(now, random),
        secret_expires_at: now.plus_seconds(FIRST_SECRET_HOURS * 3600),
        secret,
    };
    let installation = vec![
        Change::InstallationCreated(data_keys.wrap_under(installation_key, random)),
        Change::SigningKeyAdded(SigningKey::generate(algorithm, &data_keys, now, now, random)),
    ];
    let organization = vec![
        Change::OrganizationCreated(Organization {
            id: first.org_id,
            name: FIRST_NAME.to_owned(),
            created_at: now,
            settings: OrgSettings::default(),
        }),
        Change::GroupCreated(Group {
            id: first.group_id,
            org_id: first.org_id,
            name: FIRST_NAME.to_owned(),
            created_at: now,
        }),
        Change::ServiceAccountCreated(ServiceAccount {
            client_id: first.client_id,
            org_id: first.org_id,
            name: FIRST_NAME.to_owned(),
            description: "The first service account".to_owned(),
            created_at: now,
            roles: EnumSet::only(OrgRole::Owner),
            secrets: vec![Secret {
                id: SecretId::generate(now, random),
                hash: SecretHasher::new(&data_keys).hash(first.secret.expose()),
                last_four: first.secret.last_four().to_owned(),
                created_at: now,
                expires_at: first.secret_expires_at,
                last_used_at: None,
            }],
        }),
    ];
    let transaction =
        |org_id, changes| Transaction { actor: Actor::Operator, org_id, decided_of: None, changes };
    // One commit: who has the one has the other.
    let batch = [transaction(None, installation), transaction(Some(first.org_id), organization)];
    store.commit(now, &batch).await?;
    Ok(Some(first))
}
