//! A service, and what its clients hold.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody as _, to_bytes},
    http::{Request, StatusCode},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rescind_authority::{Authority, Client, FirstAccount, Limits, Settings, found, start, unlock};
use rescind_core::{
    account::{Secret, ServiceAccount},
    clock::{Clock, UnixTime},
    data_keys::DataKeys,
    id::{ClientId, GroupId, OrgId, SecretId},
    installation_key::InstallationKey,
    organization::{Group, OrgSettings, Organization},
    random::SystemRandom,
    role::OrgRole,
    secret::{ClientSecret, SecretHasher},
    signing::Algorithm,
    token::AccessToken,
};
use rescind_http::Metrics;
use rescind_store::{Actor, Change, SqliteStore, Store, Transaction};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

/// Where every request comes from.
const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

struct StandingClock;

impl Clock for StandingClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_second(1_800_000_000)
    }
}

/// The service, with three accounts: the owner of the first organization, whose secret may stand
/// in requests; another one there, without any right; the owner of another organization.
pub struct Service {
    runtime: Runtime,
    router: Router,
    authority: Authority,
    /// A live token of the other account, which none of the first account's requests can take back.
    pub other_token: String,
    /// A live token of the owner of the other organization, which is never given to the fuzzer.
    pub strangers_token: String,
    owner: Client,
    names: Vec<(&'static str, String)>,
    _data_dir: TempDir,
}

impl Service {
    /// Founds an installation in memory, as far as the system has such a folder.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    #[must_use]
    pub fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let runtime = runtime.expect("a runtime");
        let data_dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        let data_dir = data_dir.expect("a folder");
        let (authority, first, accounts) = runtime.block_on(async {
            let store = Arc::new(SqliteStore::open(data_dir.path()).expect("a store"));
            let key = InstallationKey::generate(&SystemRandom);
            let algorithm = Algorithm::EdDsa;
            let first = found(&*store, &key, algorithm, &StandingClock, &SystemRandom).await;
            let first = first.expect("a store that can be written").expect("an empty store");
            let data_keys = unlock(&*store, &key, &StandingClock, &SystemRandom).await;
            let data_keys = data_keys.expect("what was just founded");
            let accounts = settle(&*store, &data_keys, first.org_id).await;
            let settings = Settings {
                issuer: "https://auth.example.com".to_owned(),
                algorithm,
                access_lists_on_oauth: true,
                max_accounts: 200,
                signing_key_max_age: None,
                limits: Limits::default(),
                api_keys: true,
            };
            let clock = Arc::new(StandingClock);
            let authority = start(store, &key, settings, clock, Arc::new(SystemRandom)).await;
            (authority.expect("a store with an installation"), first, accounts)
        });
        let Accounts { other, stranger } = &accounts;
        let client = |id: &ClientId, secret: &ClientSecret| {
            authority.authenticate(&id.to_string(), secret.expose(), ADDRESS).expect("the account")
        };
        let issue = |client: &Client| issue(&runtime, &authority, client);
        let owner = client(&first.client_id, &first.secret);
        let other_token = issue(&client(&other.client_id, &other.secret));
        let strangers_token = issue(&client(&stranger.client_id, &stranger.secret));
        Self {
            router: rescind_http::router(authority.clone(), Metrics::new(&authority)),
            names: names(&first, &accounts),
            runtime,
            authority,
            other_token,
            strangers_token,
            owner,
            _data_dir: data_dir,
        }
    }

    /// The names that may stand in an input, with what they stand for: `{id}`, `{secret}` and
    /// `{basic}` (both, for a header) of the owner, `{org}`, `{group}`, `{other_id}`,
    /// `{strangers_id}`, `{strangers_org}`, `{strangers_group}`.
    #[must_use]
    pub fn names(&self) -> Vec<(&str, &str)> {
        self.names.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    /// What is answered. An answer without an end, as that of the feed, has no body here.
    ///
    /// # Panics
    ///
    /// When a body cannot be read.
    #[must_use]
    pub fn send(&self, request: Request<Body>) -> (StatusCode, Bytes) {
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await;
            let response = response.unwrap_or_else(|never| match never {});
            let status = response.status();
            if response.body().size_hint().exact().is_none() {
                return (status, Bytes::new());
            }
            (status, to_bytes(response.into_body(), usize::MAX).await.expect("a body in memory"))
        })
    }

    /// A new token of the owner.
    ///
    /// # Panics
    ///
    /// When the store fails.
    #[must_use]
    pub fn issue(&self) -> String {
        issue(&self.runtime, &self.authority, &self.owner)
    }

    /// Whether a token is live.
    #[must_use]
    pub fn lives(&self, token: &str) -> bool {
        self.authority.authorize(token, ADDRESS).is_ok()
    }

    /// The number of the last change.
    #[must_use]
    pub fn last_change(&self) -> u64 {
        self.authority.status_list_uris().1.0
    }
}

fn issue(runtime: &Runtime, authority: &Authority, client: &Client) -> String {
    let token = runtime.block_on(authority.issue(client));
    token.as_ref().map(AccessToken::expose).expect("a store that can be written").to_owned()
}

/// Accounts beside the first one.
struct Accounts {
    other: Account,
    stranger: Account,
}

struct Account {
    org_id: OrgId,
    group_id: Option<GroupId>,
    client_id: ClientId,
    secret: ClientSecret,
}

fn names(first: &FirstAccount, accounts: &Accounts) -> Vec<(&'static str, String)> {
    let (id, secret) = (first.client_id.to_string(), first.secret.expose());
    let Accounts { other, stranger } = accounts;
    let strangers_group = stranger.group_id.map(|id| id.to_string());
    vec![
        ("{basic}", STANDARD.encode(format!("{id}:{secret}"))),
        ("{id}", id),
        ("{secret}", secret.to_owned()),
        ("{org}", first.org_id.to_string()),
        ("{group}", first.group_id.to_string()),
        ("{other_id}", other.client_id.to_string()),
        ("{strangers_id}", stranger.client_id.to_string()),
        ("{strangers_org}", stranger.org_id.to_string()),
        ("{strangers_group}", strangers_group.unwrap_or_default()),
    ]
}

/// Writes the accounts beside the first one, which is in `org_id`.
async fn settle(store: &dyn Store, data_keys: &DataKeys, org_id: OrgId) -> Accounts {
    let now = StandingClock.now();
    let hasher = SecretHasher::new(data_keys);
    let of = |org_id, group_id| Account {
        org_id,
        group_id,
        client_id: ClientId::generate(now, &SystemRandom),
        secret: ClientSecret::generate(&SystemRandom),
    };
    let strangers_org = OrgId::generate(now, &SystemRandom);
    let strangers_group = GroupId::generate(now, &SystemRandom);
    let (other, stranger) = (of(org_id, None), of(strangers_org, Some(strangers_group)));
    let changes = vec![
        Change::OrganizationCreated(Organization {
            id: strangers_org,
            name: "of a stranger".to_owned(),
            created_at: now,
            settings: OrgSettings::default(),
        }),
        Change::GroupCreated(Group {
            id: strangers_group,
            org_id: strangers_org,
            name: "of a stranger".to_owned(),
            created_at: now,
        }),
        created(&stranger, OrgRole::Owner, &hasher),
    ];
    // Each is an event of its own organization only.
    let within = |org_id, changes| Transaction {
        actor: Actor::Operator,
        org_id: Some(org_id),
        decided_of: None,
        changes,
    };
    let transactions = [
        within(org_id, vec![created(&other, OrgRole::Member, &hasher)]),
        within(strangers_org, changes),
    ];
    store.commit(now, &transactions).await.expect("a store that can be written");
    Accounts { other, stranger }
}

fn created(account: &Account, role: OrgRole, hasher: &SecretHasher) -> Change {
    let now = StandingClock.now();
    let Account { org_id, client_id, ref secret, .. } = *account;
    Change::ServiceAccountCreated(ServiceAccount {
        client_id,
        org_id,
        name: "another".to_owned(),
        description: String::new(),
        created_at: now,
        roles: role.into(),
        secrets: vec![Secret {
            id: SecretId::generate(now, &SystemRandom),
            hash: hasher.hash(secret.expose()),
            last_four: secret.last_four().to_owned(),
            created_at: now,
            expires_at: now.plus_seconds(3600),
            last_used_at: None,
        }],
    })
}
