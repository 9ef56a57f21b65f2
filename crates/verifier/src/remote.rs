//! What is asked of the authority.

use std::time::{Duration, Instant};

use reqwest::{
    Client, RequestBuilder, Response, StatusCode,
    header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER},
};
use rescind_core::{id::ClientId, status_list::ListId};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::sync::Mutex;

use crate::{
    Account,
    keys::{self, KeySet},
};

/// How long an answer may take. The feed has no end, and is timed by its silence.
const PATIENCE: Duration = Duration::from_secs(5);

/// A token of our own is renewed when less than this is left of it.
const RENEWED_BEFORE: Duration = Duration::from_mins(10);

/// The longest answer that is read, in bytes, but for a list and the feed: an account that is assigned
/// to 10,000 projects has 1 MiB.
const MAX_LENGTH: usize = 4 * 1024 * 1024;

const EVENT: &str = "rescind-event";

/// The windows of the authority's limits are a minute.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// Why the authority did not give what was asked for. Names no token and no secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RemoteError {
    #[error("{}", innermost(.0))]
    Http(#[from] reqwest::Error),
    #[error("{what}: the answer was {status}")]
    Status { what: &'static str, status: StatusCode, retry_after: Option<Duration> },
    #[error("{0}: the answer was not understood")]
    Answer(&'static str),
    #[error("{0}: the answer is longer than any of an authority")]
    Length(&'static str),
    #[error("the authority wants to be asked for a token in {} s", .0.as_secs() + 1)]
    Barred(Duration),
    #[error("the verifier was stopped")]
    Stopped,
}

impl RemoteError {
    fn status(what: &'static str, answer: &Response) -> Self {
        let seconds = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = seconds.and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
        Self::Status {
            what,
            status: answer.status(),
            retry_after: retry_after.map(|wait| wait.min(LONGEST_WAIT)),
        }
    }

    /// For how long the authority does not want to be asked again, if it said so.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            Self::Barred(wait) => Some(*wait),
            Self::Http(_) | Self::Answer(_) | Self::Length(_) | Self::Stopped => None,
        }
    }
}

fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// A client of the authority, which is a service account of it.
pub(crate) struct Remote {
    http: Client,
    base: String,
    client_id: String,
    client_secret: String,
    own: Mutex<Own>,
}

/// What there is to present.
#[derive(Default)]
struct Own {
    token: Option<OwnToken>,
    /// Before this, no token is asked for.
    barred_until: Option<Instant>,
    stopped: bool,
}

struct OwnToken {
    text: String,
    renewed_at: Instant,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    expires_in: u64,
}

#[derive(Deserialize)]
struct IntrospectionAnswer {
    active: bool,
}

#[derive(Serialize)]
struct Acknowledgement<'a> {
    follower: &'a str,
    event: u64,
}

/// Something, as of an event of the authority's log.
pub(crate) struct AsOf<T> {
    pub(crate) event: u64,
    pub(crate) value: T,
}

impl Remote {
    pub(crate) fn new(http: Client, base: &str, client_id: String, client_secret: String) -> Self {
        let base = base.trim_end_matches('/').to_owned();
        Self { http, base, client_id, client_secret, own: Mutex::default() }
    }

    /// The keys that sign tokens.
    pub(crate) async fn keys(&self) -> Result<KeySet, RemoteError> {
        let request = self.http.get(self.url("/.well-known/jwks.json")).timeout(PATIENCE);
        json(request.send().await?, "keys").await
    }

    /// A signed status list; `None`: there is none of this number, or not any more.
    pub(crate) async fn list(&self, id: ListId) -> Result<Option<AsOf<String>>, RemoteError> {
        let request = self.http.get(self.url(&format!("/statuslists/{id}"))).timeout(PATIENCE);
        // A list that a cache between us has kept, as it may, would lack what was revoked since.
        let answer = request.header("cache-control", "no-cache").send().await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let event = event(&answer, "status list")?;
        let text = body(answer, "status list", keys::MAX_LENGTH).await?;
        let value = String::from_utf8(text).map_err(|_| RemoteError::Answer("status list"))?;
        Ok(Some(AsOf { event, value }))
    }

    /// An account; `None`: it is gone, or not of our organization.
    pub(crate) async fn account(&self, id: ClientId) -> Result<Option<AsOf<Account>>, RemoteError> {
        let answer = self
            .with_token(|token| {
                let url = self.url(&format!("/api/oauth/accounts/{id}"));
                self.http.get(url).bearer_auth(token).timeout(PATIENCE)
            })
            .await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let event = event(&answer, "account")?;
        Ok(Some(AsOf { event, value: json(answer, "account").await? }))
    }

    /// The feed, from the event `after` on.
    pub(crate) async fn feed(&self, after: Option<u64>) -> Result<Response, RemoteError> {
        let request = |token: &str| {
            let request = self.http.get(self.url("/api/oauth/feed")).bearer_auth(token);
            match after {
                Some(after) => request.header("last-event-id", after),
                None => request,
            }
        };
        let answer = expect_ok(self.with_token(request).await?, "feed")?;
        // A page of something in between is none.
        let kind = answer.headers().get(CONTENT_TYPE).map_or(&[][..], HeaderValue::as_bytes);
        if kind.starts_with(b"text/event-stream") {
            Ok(answer)
        } else {
            Err(RemoteError::Answer("feed"))
        }
    }

    /// Says that all events up to `event` are applied.
    pub(crate) async fn acknowledge(&self, follower: &str, event: u64) -> Result<(), RemoteError> {
        let answer = self
            .with_token(|token| {
                self.http
                    .post(self.url("/api/oauth/feed/acknowledgements"))
                    .bearer_auth(token)
                    .json(&Acknowledgement { follower, event })
                    .timeout(PATIENCE)
            })
            .await?;
        expect_ok(answer, "acknowledgement").map(drop)
    }

    /// Whether the authority calls `token` live (RFC 7662).
    pub(crate) async fn introspect(&self, token: &str) -> Result<bool, RemoteError> {
        let request = self
            .http
            .post(self.url("/api/oauth/introspect"))
            .basic_auth(&self.client_id, Some(&self.client_secret))
            .form(&[("token", token)])
            .timeout(PATIENCE);
        let answer: IntrospectionAnswer = json(request.send().await?, "introspection").await?;
        Ok(answer.active)
    }

    /// Sends a request with a token of our own: with another one, if this one is dead.
    async fn with_token(
        &self,
        request: impl Fn(&str) -> RequestBuilder,
    ) -> Result<Response, RemoteError> {
        let token = self.token(None).await?;
        let answer = request(&token).send().await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        let another = self.token(Some(&token)).await?;
        Ok(request(&another).send().await?)
    }

    /// A token of our own, and not `dead`. One asks for it, and all others wait for that.
    async fn token(&self, dead: Option<&str>) -> Result<String, RemoteError> {
        let mut own = self.own.lock().await;
        if own.stopped {
            return Err(RemoteError::Stopped);
        }
        let now = Instant::now();
        let usable = |own: &&OwnToken| now < own.renewed_at && Some(&*own.text) != dead;
        if let Some(token) = own.token.as_ref().filter(usable) {
            return Ok(token.text.clone());
        }
        if let Some(wait) = own.barred_until.and_then(|until| until.checked_duration_since(now)) {
            return Err(RemoteError::Barred(wait));
        }
        let request = self
            .http
            .post(self.url("/api/oauth/token"))
            .basic_auth(&self.client_id, Some(&self.client_secret))
            .form(&[("grant_type", "client_credentials")])
            .timeout(PATIENCE);
        let answer: TokenAnswer = match json(request.send().await?, "token").await {
            Ok(answer) => answer,
            Err(error) => {
                own.barred_until = error.retry_after().map(|wait| Instant::now() + wait);
                return Err(error);
            }
        };
        let life = Duration::from_secs(answer.expires_in);
        let renewed_at = Instant::now() + life.saturating_sub(RENEWED_BEFORE).max(life / 2);
        own.token = Some(OwnToken { text: answer.access_token.clone(), renewed_at });
        Ok(answer.access_token)
    }

    /// Gives the token back: an account can have so many, and no more. From now on there is none.
    pub(crate) async fn stop(&self) {
        let mut own = self.own.lock().await;
        own.stopped = true;
        let Some(token) = own.token.take() else { return };
        let request = self
            .http
            .post(self.url("/api/oauth/revoke"))
            .basic_auth(&self.client_id, Some(&self.client_secret))
            .form(&[("token", &token.text)])
            .timeout(PATIENCE);
        let answer = request.send().await.map_err(RemoteError::from);
        if let Err(error) = answer.and_then(|answer| expect_ok(answer, "revocation")) {
            tracing::debug!(%error, "its own token was not given back, and lives until it expires");
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

fn expect_ok(answer: Response, what: &'static str) -> Result<Response, RemoteError> {
    if answer.status().is_success() { Ok(answer) } else { Err(RemoteError::status(what, &answer)) }
}

async fn json<T: DeserializeOwned>(answer: Response, what: &'static str) -> Result<T, RemoteError> {
    let body = body(answer, what, MAX_LENGTH).await?;
    serde_json::from_slice(&body).map_err(|_| RemoteError::Answer(what))
}

/// What an answer says, if that is no more than `limit` bytes.
async fn body(answer: Response, what: &'static str, limit: usize) -> Result<Vec<u8>, RemoteError> {
    let (mut answer, mut body) = (expect_ok(answer, what)?, Vec::new());
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > limit {
            return Err(RemoteError::Length(what));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Up to which event an answer is true.
fn event(answer: &Response, what: &'static str) -> Result<u64, RemoteError> {
    let number = answer.headers().get(EVENT).and_then(|value| value.to_str().ok()?.parse().ok());
    match number {
        Some(number) => Ok(number),
        None if answer.status().is_success() => Err(RemoteError::Answer(what)),
        None => Err(RemoteError::status(what, answer)),
    }
}
