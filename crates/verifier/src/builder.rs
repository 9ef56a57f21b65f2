//! What the owner of a verifier decides.

use std::{fmt, sync::Arc, time::Duration};

use reqwest::Certificate;
use tokio::runtime::Handle;

use crate::{
    Config, Inner, LostTouch, Shared, Verifier,
    accounts::Accounts,
    follow,
    keyring::Keyring,
    lists::Lists,
    remote::Remote,
    seen::Seen,
    touch::{SILENCE, Touch},
};

/// The `aud` of tokens (oauth-endpoints.md 6).
const AUDIENCE: &str = "api://admin";

/// Tokens that are remembered.
const CAPACITY: usize = 50_000;

/// Why a verifier could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It has to prove who it is.
    #[error("a verifier needs the credentials of a service account: call `credentials`")]
    NoCredentials,
    /// It follows the authority with a task of its own.
    #[error("a verifier must be started within a Tokio runtime")]
    NoRuntime,
    /// What was to be its certificates is none.
    #[error("there is no certificate in PEM")]
    NoCertificate,
    /// The HTTP client could not be made.
    #[error(transparent)]
    Http(#[from] reqwest::Error),
}

/// A verifier to be started.
pub struct Builder {
    issuer: String,
    url: Option<String>,
    credentials: Option<(String, String)>,
    audience: String,
    leeway: Duration,
    lost_touch: LostTouch,
    lost_after: Duration,
    capacity: usize,
    certificates: Vec<Certificate>,
    http: Option<reqwest::Client>,
}

impl Builder {
    pub(crate) fn new(issuer: &str) -> Self {
        Self {
            issuer: issuer.trim_end_matches('/').to_owned(),
            url: None,
            credentials: None,
            audience: AUDIENCE.to_owned(),
            leeway: Duration::ZERO,
            lost_touch: LostTouch::FailClosed,
            lost_after: SILENCE,
            capacity: CAPACITY,
            certificates: Vec::new(),
            http: None,
        }
    }

    /// The id and the secret of a service account of the organization whose tokens are checked. Any
    /// role will do.
    #[must_use]
    pub fn credentials(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.credentials = Some((id.into(), secret.into()));
        self
    }

    /// Where the authority is reached from here, if that is not its public URL.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// The `aud` that tokens must have; `api://admin` if nothing else is said.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = audience.into();
        self
    }

    /// By how much the clocks may differ, in whole seconds; none if nothing else is said.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// What to do while the authority cannot be heard; [`LostTouch::FailClosed`] if nothing else
    /// is said.
    #[must_use]
    pub fn when_out_of_touch(mut self, mode: LostTouch) -> Self {
        self.lost_touch = mode;
        self
    }

    /// After how long a silence it counts as out of touch; 15 seconds if nothing else is said. A
    /// revocation can go unseen for that long when a line dies without a word, so shorter is
    /// safer; less than five seconds, the beat of the authority, is out of touch all the time.
    #[must_use]
    pub fn lost_after(mut self, silence: Duration) -> Self {
        self.lost_after = silence;
        self
    }

    /// How many tokens to remember; 50,000 if nothing else is said. Each takes the length of its text,
    /// some 800 bytes, and about 400 more; beside them, each list of which a token is alive takes up to
    /// 128 KiB, and there is a new one every five minutes or million tokens.
    #[must_use]
    pub fn capacity(mut self, tokens: usize) -> Self {
        self.capacity = tokens;
        self
    }

    /// Certificates, in PEM, that sign that of the authority, besides those that the system knows.
    ///
    /// # Errors
    ///
    /// [`StartError`] when there is none in the text.
    pub fn ca(mut self, pem: &[u8]) -> Result<Self, StartError> {
        let certificates = Certificate::from_pem_bundle(pem)?;
        if certificates.is_empty() {
            return Err(StartError::NoCertificate);
        }
        self.certificates.extend(certificates);
        Ok(self)
    }

    /// The HTTP client to use in the place of our own, for proxies and the like. It must not have a timeout for whole
    /// requests: the feed has no end. It should follow no redirect: the authority sends none.
    #[must_use]
    pub fn http(mut self, client: reqwest::Client) -> Self {
        self.http = Some(client);
        self
    }

    /// Starts it, on the Tokio runtime that it is called in.
    ///
    /// # Errors
    ///
    /// [`StartError`]. That the authority cannot be reached is none: see [`Verifier::ready`].
    pub fn start(self) -> Result<Verifier, StartError> {
        let (id, secret) = self.credentials.ok_or(StartError::NoCredentials)?;
        let runtime = Handle::try_current().map_err(|_| StartError::NoRuntime)?;
        let http = match self.http {
            Some(client) => client,
            None => reqwest::Client::builder()
                .connect_timeout(Duration::from_secs(5))
                .tcp_nodelay(true)
                // What is asked of the authority is nobody else's to answer.
                .redirect(reqwest::redirect::Policy::none())
                .tls_certs_merge(self.certificates)
                .build()?,
        };
        let url = self.url.as_deref().unwrap_or(&self.issuer);
        let inner = Arc::new(Inner {
            remote: Remote::new(http, url, id, secret),
            config: Config {
                issuer: self.issuer.clone(),
                audience: self.audience,
                leeway: i64::try_from(self.leeway.as_secs()).unwrap_or(i64::MAX),
                lost_touch: self.lost_touch,
                lost_after: self.lost_after,
            },
            keys: Keyring::default(),
            lists: Lists::default(),
            accounts: Accounts::default(),
            seen: Seen::new(self.capacity),
            touch: Touch::new(),
            heard: 0.into(),
            applied: 0.into(),
            follower: arc_swap::ArcSwapOption::empty(),
            asked: tokio::sync::Notify::new(),
        });
        let following = runtime.spawn(follow::run(Arc::clone(&inner))).abort_handle();
        Ok(Verifier { shared: Arc::new(Shared { inner, following, runtime }) })
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}
