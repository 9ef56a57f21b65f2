//! Who the tests speak as: three service accounts of two organizations.

use enumset::EnumSet;
use rescind_authority::FirstAccount;
use rescind_core::{
    account::{Secret, ServiceAccount},
    id::{ClientId, GroupId, OrgId, SecretId},
    organization::{Group, OrgSettings, Organization},
    random::SystemRandom,
    role::OrgRole,
    secret::{ClientSecret, SecretHasher},
};
use rescind_store::{Actor, Change, Store, Transaction};

use super::clock::now;

/// How long the secrets of these accounts live, in seconds. Two hours: longer than a token.
pub(crate) const SECRET_SECONDS: i64 = 7200;

/// A service account and what it presents.
#[derive(Clone)]
pub(crate) struct Account {
    pub id: String,
    /// Those that authenticate.
    pub secrets: Vec<String>,
    /// One that no longer does.
    pub expired_secret: Option<String>,
    pub org_id: OrgId,
    pub group_id: GroupId,
}

impl Account {
    /// The first of its secrets.
    pub(crate) fn secret(&self) -> &str {
        &self.secrets[0]
    }
}

impl From<FirstAccount> for Account {
    fn from(first: FirstAccount) -> Self {
        Self {
            id: first.client_id.to_string(),
            secrets: vec![first.secret.expose().to_owned()],
            expired_secret: None,
            org_id: first.org_id,
            group_id: first.group_id,
        }
    }
}

/// Creates a neighbour of `owner` and a stranger.
pub(crate) async fn create_others(
    store: &dyn Store,
    hasher: &SecretHasher,
    owner: &Account,
) -> (Account, Account) {
    let other_org = OrgId::generate(now(), &SystemRandom);
    let other_group = GroupId::generate(now(), &SystemRandom);
    let (neighbour, neighbour_created) =
        account(hasher, owner.org_id, owner.group_id, OrgRole::Member);
    let (stranger, stranger_created) = account(hasher, other_org, other_group, OrgRole::Owner);
    let changes = vec![
        Change::OrganizationCreated(Organization {
            id: other_org,
            name: "elsewhere".to_owned(),
            created_at: now(),
            settings: OrgSettings::default(),
        }),
        Change::GroupCreated(Group {
            id: other_group,
            org_id: other_org,
            name: "elsewhere".to_owned(),
            created_at: now(),
        }),
        Change::ServiceAccountCreated(neighbour_created),
        Change::ServiceAccountCreated(stranger_created),
    ];
    let actor = Actor::Operator;
    store
        .commit(now(), &[Transaction { actor, org_id: None, decided_of: None, changes }])
        .await
        .unwrap();
    (neighbour, stranger)
}

/// An account with two live secrets and one that expires this very second.
fn account(
    hasher: &SecretHasher,
    org_id: OrgId,
    group_id: GroupId,
    role: OrgRole,
) -> (Account, ServiceAccount) {
    let client_id = ClientId::generate(now(), &SystemRandom);
    let [expired, first, second] = [0, 1, 2].map(|_| ClientSecret::generate(&SystemRandom));
    let stored = |secret: &ClientSecret, lifetime| Secret {
        id: SecretId::generate(now(), &SystemRandom),
        hash: hasher.hash(secret.expose()),
        last_four: secret.last_four().to_owned(),
        created_at: now().plus_seconds(-1),
        expires_at: now().plus_seconds(lifetime),
        last_used_at: None,
    };
    let created = ServiceAccount {
        client_id,
        org_id,
        name: "another".to_owned(),
        description: String::new(),
        created_at: now(),
        roles: EnumSet::only(role),
        secrets: vec![
            stored(&expired, 0),
            stored(&first, SECRET_SECONDS),
            stored(&second, SECRET_SECONDS),
        ],
    };
    let account = Account {
        id: client_id.to_string(),
        secrets: [first, second].map(|secret| secret.expose().to_owned()).to_vec(),
        expired_secret: Some(expired.expose().to_owned()),
        org_id,
        group_id,
    };
    (account, created)
}
