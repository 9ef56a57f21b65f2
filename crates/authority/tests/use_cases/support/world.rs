//! An installation with three accounts, and all that surrounds it.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use enumset::EnumSet;
use rescind_authority::{
    Authority, Caller, Client, FirstAccount, Limits, Settings, found, start, unlock,
};
use rescind_core::{
    account::{Secret, ServiceAccount},
    clock::{Clock, UnixTime},
    id::{ClientId, GroupId, OrgId, SecretId},
    installation_key::InstallationKey,
    organization::{OrgSettings, Organization},
    random::SystemRandom,
    role::OrgRole,
    secret::{ClientSecret, SecretHasher},
    signing::Algorithm,
    token::AccessToken,
};
use rescind_store::{Actor, Change, Store as _, Transaction};
use tempfile::TempDir;

use super::{TestClock, UnreliableStore};

pub(crate) const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// How long the secrets of the world live, in seconds.
const SECRET_LIFETIME: i64 = 100 * 24 * 3600;

pub(crate) struct Account {
    pub(crate) org_id: OrgId,
    pub(crate) client_id: ClientId,
    pub(crate) secrets: Vec<(SecretId, ClientSecret)>,
}

pub(crate) struct World {
    pub(crate) authority: Authority,
    pub(crate) store: Arc<UnreliableStore>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) settings: Settings,
    pub(crate) key: InstallationKey,
    /// The first organization: of `me` and of `colleague`.
    pub(crate) org_id: OrgId,
    /// A project of the first organization.
    pub(crate) group_id: GroupId,
    /// Owns the first organization.
    pub(crate) owner: Account,
    /// Has two secrets.
    pub(crate) me: Account,
    /// Of the same organization, with one secret.
    pub(crate) colleague: Account,
    /// The owner of another organization, with one secret.
    pub(crate) stranger: Account,
    /// Last, so that it is dropped after the store that lies in it.
    dir: TempDir,
}

/// Those of the world, unless a test changes them.
pub(crate) fn settings() -> Settings {
    Settings {
        issuer: "https://auth.example.com".to_owned(),
        algorithm: Algorithm::Es256,
        access_lists_on_oauth: true,
        max_accounts: 200,
        limits: Limits::default(),
        api_keys: true,
        signing_key_max_age: None,
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::limited(Limits::default()).await
    }

    pub(crate) async fn limited(limits: Limits) -> Self {
        let clock = Arc::new(TestClock::starting_at(1_800_000_000));
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(UnreliableStore::open(dir.path()));
        let key = InstallationKey::generate(&SystemRandom);
        let settings = Settings { limits, ..settings() };
        let first = found(&*store, &key, settings.algorithm, &*clock, &SystemRandom).await;
        let FirstAccount { org_id, group_id, client_id, secret, .. } = first.unwrap().unwrap();
        let data_keys = unlock(&*store, &key, &*clock, &SystemRandom).await.unwrap();
        let hasher = SecretHasher::new(&data_keys);
        let founded = store.principal(client_id).await.unwrap().unwrap();
        let owner =
            Account { org_id, client_id, secrets: vec![(founded.credentials[0].id, secret)] };
        let elsewhere = OrgId::generate(clock.now(), &SystemRandom);
        let (me, my_account) = account(&hasher, org_id, 2, clock.now());
        let (colleague, their_account) = account(&hasher, org_id, 1, clock.now());
        let (stranger, mut strange_account) = account(&hasher, elsewhere, 1, clock.now());
        strange_account.roles = EnumSet::only(OrgRole::Owner);
        let changes = vec![
            Change::OrganizationCreated(Organization {
                id: elsewhere,
                name: "elsewhere".to_owned(),
                created_at: clock.now(),
                settings: OrgSettings::default(),
            }),
            Change::ServiceAccountCreated(my_account),
            Change::ServiceAccountCreated(their_account),
            Change::ServiceAccountCreated(strange_account),
        ];
        let transaction =
            Transaction { actor: Actor::Operator, org_id: None, decided_of: None, changes };
        store.commit(clock.now(), &[transaction]).await.unwrap();
        let authority =
            start(store.clone(), &key, settings.clone(), clock.clone(), Arc::new(SystemRandom));
        let authority = authority.await.unwrap();
        Self {
            authority,
            store,
            clock,
            settings,
            key,
            org_id,
            group_id,
            owner,
            me,
            colleague,
            stranger,
            dir,
        }
    }

    /// Ends the authority, closes the store, and starts over from what is on disk.
    pub(crate) async fn restart(self) -> Self {
        let Self {
            authority,
            store,
            clock,
            settings,
            key,
            org_id,
            group_id,
            owner,
            me,
            colleague,
            stranger,
            dir,
        } = self;
        drop(authority);
        while Arc::strong_count(&store) > 1 {
            tokio::task::yield_now().await; // until the writer's task has ended
        }
        drop(store);
        let store = Arc::new(UnreliableStore::open(dir.path()));
        let authority =
            start(store.clone(), &key, settings.clone(), clock.clone(), Arc::new(SystemRandom));
        let authority = authority.await.unwrap();
        Self {
            authority,
            store,
            clock,
            settings,
            key,
            org_id,
            group_id,
            owner,
            me,
            colleague,
            stranger,
            dir,
        }
    }

    /// The client that proves itself with the first secret of `account`.
    pub(crate) fn client(&self, account: &Account) -> Client {
        self.client_with(account, 0)
    }

    /// The client that proves itself with the secret `number` of `account`.
    pub(crate) fn client_with(&self, account: &Account, number: usize) -> Client {
        let (_, secret) = &account.secrets[number];
        let id = account.client_id.to_string();
        self.authority.authenticate(&id, secret.expose(), ADDRESS).unwrap()
    }

    /// `count` tokens for the first secret of `account`.
    pub(crate) async fn issue(&self, account: &Account, count: usize) -> Vec<AccessToken> {
        self.issue_with(account, 0, count).await
    }

    /// `count` tokens for the secret `number` of `account`.
    pub(crate) async fn issue_with(
        &self,
        account: &Account,
        number: usize,
        count: usize,
    ) -> Vec<AccessToken> {
        let client = self.client_with(account, number);
        let mut tokens = Vec::with_capacity(count);
        for _ in 0..count {
            tokens.push(self.authority.issue(&client).await.unwrap());
        }
        tokens
    }

    /// `account` with a new token of its first secret.
    pub(crate) async fn caller(&self, account: &Account) -> Caller {
        let token = self.issue(account, 1).await.remove(0);
        self.authority.authorize(token.expose(), ADDRESS).unwrap()
    }

    pub(crate) fn lives(&self, token: &AccessToken) -> bool {
        self.authority.authorize(token.expose(), ADDRESS).is_ok()
    }

    /// How many of `tokens` live.
    pub(crate) fn live_of(&self, tokens: &[AccessToken]) -> usize {
        tokens.iter().filter(|token| self.lives(token)).count()
    }
}

fn account(
    hasher: &SecretHasher,
    org_id: OrgId,
    secrets: usize,
    now: UnixTime,
) -> (Account, ServiceAccount) {
    let client_id = ClientId::generate(now, &SystemRandom);
    let secrets: Vec<_> = (0..secrets)
        .map(|_| (SecretId::generate(now, &SystemRandom), ClientSecret::generate(&SystemRandom)))
        .collect();
    let stored = secrets
        .iter()
        .map(|(id, secret)| Secret {
            id: *id,
            hash: hasher.hash(secret.expose()),
            last_four: secret.last_four().to_owned(),
            created_at: now,
            expires_at: now.plus_seconds(SECRET_LIFETIME),
            last_used_at: None,
        })
        .collect();
    let stored = ServiceAccount {
        client_id,
        org_id,
        name: "an account".to_owned(),
        description: String::new(),
        created_at: now,
        roles: EnumSet::only(OrgRole::Member),
        secrets: stored,
    };
    (Account { org_id, client_id, secrets }, stored)
}
