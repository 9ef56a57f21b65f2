//! A service that lives as long as the process, and what its clients hold.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use axum::Router;
use rescind_authority::{Authority, Client, Limits, Settings, found, start, unlock};
use rescind_core::{
    account::{Secret, ServiceAccount},
    clock::{Clock, UnixTime},
    data_keys::DataKeys,
    id::{ClientId, OrgId, SecretId},
    installation_key::InstallationKey,
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

struct StandingClock;

impl Clock for StandingClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_second(1_800_000_000)
    }
}

/// The service. Only the first of its accounts is ever given to the fuzzer.
pub struct Service {
    /// What it runs on.
    pub runtime: Runtime,
    /// The router.
    pub router: Router,
    /// What the router asks.
    pub authority: Authority,
    /// The client id of the first account.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// The client id of another account of its organization.
    pub other_id: String,
    /// A live token of the other account, which nobody here can take back.
    pub other_token: String,
    client: Client,
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
        let (authority, client, id, secret, other) = runtime.block_on(async {
            let store = Arc::new(SqliteStore::open(data_dir.path()).expect("a store"));
            let key = InstallationKey::generate(&SystemRandom);
            let algorithm = Algorithm::EdDsa;
            let first = found(&*store, &key, algorithm, &StandingClock, &SystemRandom).await;
            let first = first.expect("a store that can be written").expect("an empty store");
            let other_secret = ClientSecret::generate(&SystemRandom);
            let data_keys = unlock(&*store, &key, &StandingClock, &SystemRandom).await;
            let data_keys = data_keys.expect("what was just founded");
            let other_id = add_account(&*store, &data_keys, first.org_id, &other_secret).await;
            let issuer = "https://auth.example.com".to_owned();
            let settings = Settings {
                issuer,
                algorithm,
                access_lists_on_oauth: true,
                max_accounts: 200,
                signing_key_max_age: None,
                limits: Limits::default(),
                api_keys: true,
            };
            let clock = Arc::new(StandingClock);
            let authority = start(store, &key, settings, clock, Arc::new(SystemRandom)).await;
            let authority = authority.expect("a store with an installation");
            let (id, secret) = (first.client_id.to_string(), first.secret.expose().to_owned());
            let client = authority.authenticate(&id, &secret, ADDRESS).expect("the account");
            let other_id = other_id.to_string();
            let other = authority.authenticate(&other_id, other_secret.expose(), ADDRESS);
            let other = authority.issue(&other.expect("the other account")).await.expect("a token");
            (authority, client, id, secret, (other_id, other.expose().to_owned()))
        });
        let router = rescind_http::router(authority.clone(), Metrics::new(&authority));
        let (other_id, other_token) = other;
        Self {
            runtime,
            router,
            authority,
            id,
            secret,
            other_id,
            other_token,
            client,
            _data_dir: data_dir,
        }
    }

    /// A new token of the first account.
    ///
    /// # Panics
    ///
    /// When the store fails.
    #[must_use]
    pub fn issue(&self) -> String {
        let token = self.runtime.block_on(self.authority.issue(&self.client));
        token.as_ref().map(AccessToken::expose).expect("a store that can be written").to_owned()
    }

    /// Whether a token is live.
    #[must_use]
    pub fn lives(&self, token: &str) -> bool {
        self.authority.authorize(token, ADDRESS).is_ok()
    }
}

const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

async fn add_account(
    store: &dyn Store,
    data_keys: &DataKeys,
    org_id: OrgId,
    secret: &ClientSecret,
) -> ClientId {
    let now = StandingClock.now();
    let client_id = ClientId::generate(now, &SystemRandom);
    let account = ServiceAccount {
        client_id,
        org_id,
        name: "another".to_owned(),
        description: String::new(),
        created_at: now,
        roles: OrgRole::Member.into(),
        secrets: vec![Secret {
            id: SecretId::generate(now, &SystemRandom),
            hash: SecretHasher::new(data_keys).hash(secret.expose()),
            last_four: secret.last_four().to_owned(),
            created_at: now,
            expires_at: now.plus_seconds(3600),
            last_used_at: None,
        }],
    };
    let changes = vec![Change::ServiceAccountCreated(account)];
    let transaction =
        Transaction { actor: Actor::Operator, org_id: Some(org_id), decided_of: None, changes };
    store.commit(now, &[transaction]).await.expect("a store that can be written");
    client_id
}
