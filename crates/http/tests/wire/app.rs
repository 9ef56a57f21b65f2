//! The whole service as a client meets it: the real router over a real store in a directory of its
//! own, with a clock that tests move.

mod accounts;
mod clock;
mod faulty_store;

use std::sync::Arc;

use axum::Router;
use rescind_authority::{Authority, Limits, Settings, found, start, unlock};
use rescind_core::{
    installation_key::InstallationKey, random::SystemRandom, secret::SecretHasher,
    signing::Algorithm,
};
use rescind_http::{Metrics, operations_router};
use rescind_store::{Seq, SqliteStore, Store as _};
use tempfile::TempDir;

pub(crate) use self::{
    accounts::Account,
    clock::{TestClock, now},
    faulty_store::{Fault, FaultyStore},
};
use crate::call::{Answer, Call};

/// The public base URL, unless a test says otherwise.
pub(crate) const ISSUER: &str = "http://tokens.example.com";

/// The same behind TLS.
pub(crate) const TLS_ISSUER: &str = "https://tokens.example.com";

pub(crate) const TOKEN: &str = "/api/oauth/token";
pub(crate) const REVOKE: &str = "/api/oauth/revoke";
pub(crate) const INTROSPECT: &str = "/api/oauth/introspect";

/// Dropping it ends all of it, and removes the directory.
pub(crate) struct TestApp {
    pub authority: Authority,
    pub clock: Arc<TestClock>,
    pub store: Arc<FaultyStore>,
    pub metrics: Metrics,
    /// The account of the first start: `ORG_OWNER`, one secret.
    pub owner: Account,
    /// Of the same organization: `ORG_MEMBER`, two live secrets and one that has expired.
    pub neighbour: Account,
    /// Of another organization, which has a project too.
    pub stranger: Account,
    router: Router,
    settings: Settings,
    installation_key: InstallationKey,
    _dir: TempDir,
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Self::start_with(ISSUER, Algorithm::default()).await
    }

    pub(crate) async fn start_over_tls() -> Self {
        Self::start_with(TLS_ISSUER, Algorithm::default()).await
    }

    pub(crate) async fn start_with(issuer: &str, algorithm: Algorithm) -> Self {
        Self::start_on(issuer, algorithm, Limits::default(), async |_, _| {}).await
    }

    /// Starts on a store to which `create` has added what the test needs besides.
    pub(crate) async fn start_after(create: impl AsyncFnOnce(&FaultyStore, &Account)) -> Self {
        Self::start_on(ISSUER, Algorithm::default(), Limits::default(), create).await
    }

    /// Starts with limits; without this there are none.
    pub(crate) async fn start_limited(limits: Limits) -> Self {
        Self::start_on(ISSUER, Algorithm::default(), limits, async |_, _| {}).await
    }

    async fn start_on(
        issuer: &str,
        algorithm: Algorithm,
        limits: Limits,
        create: impl AsyncFnOnce(&FaultyStore, &Account),
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(FaultyStore::over(SqliteStore::open(dir.path()).unwrap()));
        let clock = Arc::new(TestClock::default());
        let key = InstallationKey::generate(&SystemRandom);
        let first = found(&*store, &key, algorithm, &*clock, &SystemRandom).await.unwrap().unwrap();
        let owner = Account::from(first);
        let data_keys = unlock(&*store, &key, &*clock, &SystemRandom).await.unwrap();
        let hasher = SecretHasher::new(&data_keys);
        let (neighbour, stranger) = accounts::create_others(&*store, &hasher, &owner).await;
        create(&store, &owner).await;
        let settings = Settings {
            issuer: issuer.to_owned(),
            algorithm,
            access_lists_on_oauth: true,
            max_accounts: 200,
            limits,
            api_keys: true,
            signing_key_max_age: None,
        };
        let random = Arc::new(SystemRandom);
        let authority = start(store.clone(), &key, settings.clone(), clock.clone(), random).await;
        let authority = authority.unwrap();
        let metrics = Metrics::new(&authority);
        let router = rescind_http::router(authority.clone(), metrics.clone());
        Self {
            authority,
            clock,
            store,
            metrics,
            owner,
            neighbour,
            stranger,
            router,
            settings,
            installation_key: key,
            _dir: dir,
        }
    }

    /// The same installation in another run, which takes no API keys.
    pub(crate) async fn restart_without_api_keys(self) -> Self {
        let settings = Settings { api_keys: false, ..self.settings };
        let (store, clock) = (self.store.clone(), self.clock.clone());
        let random = Arc::new(SystemRandom);
        let key = &self.installation_key;
        let authority = start(store, key, settings.clone(), clock, random).await.unwrap();
        let metrics = Metrics::new(&authority);
        let router = rescind_http::router(authority.clone(), metrics.clone());
        Self { authority, metrics, router, settings, ..self }
    }

    /// The service itself.
    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }

    /// What operators ask for.
    pub(crate) async fn operations(&self, path: &str) -> Answer {
        let router = operations_router(self.authority.clone(), self.metrics.clone());
        Call::new(router, "GET", path).send().await
    }

    /// A request, to be filled in and sent.
    pub(crate) fn call(&self, method: &str, target: &str) -> Call {
        Call::new(self.router.clone(), method, target)
    }

    pub(crate) fn get(&self, target: &str) -> Call {
        self.call("GET", target)
    }

    pub(crate) fn post(&self, target: &str) -> Call {
        self.call("POST", target)
    }

    /// A new token of `account`, minted with its first secret.
    pub(crate) async fn token(&self, account: &Account) -> String {
        self.token_by(account, account.secret()).await
    }

    /// A new token of `account`, minted with `secret`.
    pub(crate) async fn token_by(&self, account: &Account, secret: &str) -> String {
        let call = self.post(TOKEN).basic(&account.id, secret);
        let answer = call.form("grant_type=client_credentials").send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn revoke(&self, account: &Account, token: &str) -> Answer {
        self.post(REVOKE).by(account).form(&format!("token={token}")).send().await
    }

    pub(crate) async fn introspect(&self, account: &Account, token: &str) -> Answer {
        self.post(INTROSPECT).by(account).form(&format!("token={token}")).send().await
    }

    /// Whether a token of `holder` is really alive: introspection and a protected resource are both
    /// asked, and must agree.
    pub(crate) async fn is_alive(&self, holder: &Account, token: &str) -> bool {
        let answer = self.introspect(holder, token).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let active = answer.json()["active"].as_bool().unwrap();
        let used = self.get("/api/public/v1.0/orgs").bearer(token).send().await;
        assert_eq!(used.status, if active { 200 } else { 401 }, "introspection said {active}");
        active
    }

    /// The number of the last entry of the change log.
    pub(crate) async fn log_head(&self) -> Seq {
        self.store.snapshot(now()).await.unwrap().seq
    }
}
