//! The use cases of Rescind, one file each: they ask `core` to decide and the store to remember.
//!
//! | file | what |
//! |---|---|
//! | `start`, `found` | a store becomes a running authority; an empty one gets its first account |
//! | `authenticate`, `bearer`, `digest` | who is asking: by a client secret, an access token, an API key |
//! | `used_nonces` | what Digest nonces were used for |
//! | `issue`, `revoke`, `introspect` | a token is given, taken back, asked about |
//! | `caller`, `admit` | who calls the management API, and from where it may |
//! | `attempt`, `quota` | how often somebody may ask, and for how much |
//! | `manage/` | organizations, projects, accounts, secrets, API keys, access lists, events |
//! | `view`, `member`, `members` | what is held in memory, kept fresh by the change log |
//! | `writer` | group commit: the only caller of `Store::commit` while serving |
//! | `status_bits` | which bit of which status list the next token gets |
//! | `installation_key`, `signing_keys` | the keys that the store holds, and how each is followed by another |
//! | `genuine` | tokens whose signature need not be verified again |
//! | `last_used`, `access_use`, `upkeep` | what may be written a little later |
//! | `status_lists`, `effects`, `feed`, `backlog`, `followers`, `known_account` | what those hear who check tokens elsewhere |
//! | `metrics`, `readiness` | what an operator watches |

mod access_use;
mod admit;
mod attempt;
mod authenticate;
mod backlog;
mod bearer;
mod caller;
mod digest;
mod effects;
mod feed;
mod followers;
mod found;
mod genuine;
mod installation_key;
mod introspect;
mod issue;
mod known_account;
mod last_used;
mod manage;
mod member;
mod members;
mod metrics;
mod population;
mod quota;
mod readiness;
mod revoke;
mod signing_keys;
mod start;
mod status_bits;
mod status_lists;
mod upkeep;
mod used_nonces;
mod view;
mod writer;

use std::{fmt, num::NonZeroU32, sync::Arc};

use rescind_core::{
    account::Principal,
    api_key::ApiKeyPrincipal,
    clock::Clock,
    data_keys::DataKeys,
    id::Ids,
    nonce::NonceKey,
    random::Random,
    rate::Rate,
    secret::SecretHasher,
    signing::Algorithm,
    token::{Claims, Presented},
};
use rescind_store::Store;
pub use rescind_store::{Actor, Entry, EventFilter, Seq};
use tokio::sync::watch;

use self::{
    access_use::AccessUse, attempt::RateLimiters, backlog::Turns, feed::Feed, followers::Followers,
    genuine::GenuineTokens, last_used::LastUsed, metrics::Metrics, quota::Quota,
    status_bits::StatusBits, status_lists::SignedLists, used_nonces::UsedNonces, view::View,
    writer::Writer,
};
pub use self::{
    admit::AddressRefused,
    attempt::Attempt,
    authenticate::{AuthenticateError, Client},
    bearer::AuthorizeError,
    caller::Caller,
    digest::DigestError,
    effects::Effects,
    feed::{FollowError, Follower, Frame, HEARTBEAT, Heard},
    followers::Receipt,
    found::{FirstAccount, found},
    installation_key::{UnlockError, rotate_installation_key, unlock},
    introspect::LiveToken,
    issue::IssueError,
    known_account::KnownAccount,
    manage::{
        Account, AccountChange, ApiKeyChange, CreatedOrganization, Denied, ManageError, NewAccount,
        NewApiKey, NewOrganization, NewSecret, Range, Roles, Scope,
    },
    readiness::Readiness,
    revoke::RevokeError,
    signing_keys::{Takeover, rotate_signing_key, signing_keys},
    start::{StartError, start},
    status_lists::StatusListToken,
    writer::CommitError,
};

/// What an operator decides about an authority.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The public base URL, without a slash at its end: the `iss` of tokens.
    pub issuer: String,
    /// What new tokens are signed with.
    pub algorithm: Algorithm,
    /// Whether access lists hold at the OAuth endpoints too, or for the use of tokens alone
    /// (oauth-endpoints.md 5.3).
    pub access_lists_on_oauth: bool,
    /// The most service accounts of one organization.
    pub max_accounts: usize,
    /// Whether API keys are let in, and made.
    pub api_keys: bool,
    /// The age at which a signing key is replaced by a new one, in seconds; `None`: none ever is.
    pub signing_key_max_age: Option<i64>,
    /// How often anybody may ask, and for how much.
    pub limits: Limits,
}

/// How often anybody may ask, and for how much; `None` is without end (conventions.md 6).
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// Attempts to get a token, and to take one back, each of one address and one claimed client.
    pub oauth: Option<Rate>,
    /// Requests to the management API, of one project or organization.
    pub api: Option<Rate>,
    /// Live tokens of one service account.
    pub live_tokens: Option<NonZeroU32>,
}

/// The authority: cheap to clone, all clones are one.
#[derive(Clone)]
pub struct Authority(Arc<Inner>);

struct Inner {
    settings: Settings,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    store: Arc<dyn Store>,
    hasher: SecretHasher,
    data_keys: Arc<DataKeys>,
    ids: Ids,
    view: Arc<View>,
    writer: Writer,
    status_bits: StatusBits,
    genuine: GenuineTokens,
    last_used: LastUsed,
    access_use: AccessUse,
    rate_limiters: RateLimiters,
    quota: Option<Quota>,
    nonce_key: NonceKey,
    used_nonces: UsedNonces,
    metrics: Metrics,
    /// Whether the process is about to end.
    stop: watch::Sender<bool>,
    feed: Arc<Feed>,
    followers: Arc<Followers>,
    turns: Turns,
    signed_lists: SignedLists,
    /// Compared with what an unknown client presents, so that it takes the path of a known one.
    nobody: Arc<Principal>,
    /// The same for API keys.
    nobodys_key: Arc<ApiKeyPrincipal>,
}

impl Authority {
    /// The public base URL.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.0.settings.issuer
    }

    /// What the public base URL has behind the host: a path, or nothing.
    #[must_use]
    pub fn issuer_path(&self) -> &str {
        let (_, host) = self.issuer().split_once("://").unwrap_or_default();
        host.find('/').map_or("", |path| &host[path..])
    }

    /// What `text` says, if it is a token that we signed, dead or alive.
    ///
    /// The signature is verified once per token, not once per request.
    fn read(&self, text: &str) -> Option<Claims> {
        let keys = self.0.view.keys();
        let presented = Presented::parse(text, &keys)?;
        let fingerprint = self.0.genuine.fingerprint(text);
        if !self.0.genuine.contains(fingerprint) {
            if !presented.is_genuine() {
                return None;
            }
            self.0.genuine.insert(fingerprint);
        }
        presented.claims()
    }

    /// What `text` says, if it is a live token, with the account that it was issued to.
    fn read_live(&self, text: &str) -> Option<(Claims, Arc<Principal>)> {
        let claims = self.read(text)?;
        if claims.expires_at <= self.0.clock.now() || self.0.view.is_revoked(claims.status) {
            return None;
        }
        let principal = self.0.view.principal(claims.client_id)?;
        Some((claims, principal))
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}
