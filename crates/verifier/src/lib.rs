//! Checks access tokens of a Rescind authority without a call, and sees a revocation at once.
//!
//! A resource server that asks the authority about every token pays a round trip for each. One that
//! verifies signatures alone lets a token live until it expires, whatever happened to it. This
//! does neither: it holds the status lists of the authority in memory, and hears over one
//! connection what is revoked, milliseconds after it was.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use rescind_verifier::{LostTouch, Verifier};
//!
//! let verifier = Verifier::builder("https://tokens.example.com")
//!     // A service account of the organization whose tokens are checked.
//!     .credentials("mdb_sa_id_6b1f0c2d9a4e57833c0d9e11", "mdb_sa_sk_…")
//!     .when_out_of_touch(LostTouch::FailClosed)
//!     .start()?;
//! verifier.ready().await;
//! match verifier.verify("eyJhbGciOi…", "192.0.2.7".parse()?).await {
//!     Ok(token) => println!("{} may {:?}", token.client_id, token.account.roles),
//!     Err(refusal) if refusal.is_final() => println!("401 or 403: {refusal}"),
//!     Err(refusal) => println!("503: {refusal}"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # In front of a service
//!
//! With the feature `tower`, `RequireToken` is a `tower::Layer` that lets requests with a live token
//! through and answers the others as RFC 6750 says. With `axum`, `LiveToken` is an extractor for
//! single handlers.
//!
//! # What a check costs
//!
//! A token that was seen before is found in memory, and one bit is read. A token that was never
//! seen costs one verification of its signature. The first token of a status list, of an account or
//! of a new key costs a request to the authority.
//!
//! # What happens when the authority cannot be heard
//!
//! It sends something every five seconds. When nothing came for 15 seconds ([`Builder::lost_after`])
//! the verifier is out of touch, and does what [`LostTouch`] says. A token whose revocation it was
//! told of stays dead in any case.

#![allow(unexpected_cfgs, reason = "`cargo fuzz` sets `fuzzing`, which nobody else does")]

mod accounts;
#[cfg(feature = "tower")]
mod bearer;
mod builder;
mod events;
mod follow;
#[cfg(fuzzing)]
pub mod fuzzing;
mod keyring;
mod keys;
mod lists;
mod places;
mod refusal;
mod remote;
mod seen;
mod touch;
mod verify;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwapOption;
use tokio::{runtime::Handle, sync::Notify, task::AbortHandle};

#[cfg(feature = "axum")]
pub use self::bearer::LiveToken;
#[cfg(feature = "tower")]
pub use self::bearer::{
    ClientAddress, Denial, RequireToken, RequireTokenFuture, RequireTokenService,
};
use self::{
    accounts::Accounts, keyring::Keyring, lists::Lists, remote::Remote, seen::Seen, touch::Touch,
    verify::Known,
};
pub use self::{
    accounts::{Account, Assignment},
    builder::{Builder, StartError},
    refusal::Refusal,
    verify::Token,
};

/// What to do with tokens while the authority cannot be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LostTouch {
    /// Refuse all of them: nobody can tell which was revoked.
    FailClosed,
    /// Go by what is known, until nothing has been heard for this long.
    FailOpen(Duration),
    /// Ask the authority about each of them (RFC 7662); refuse those that it cannot be asked about.
    Introspect,
}

/// How long an end may take.
const STOPPED_WITHIN: Duration = Duration::from_secs(5);

/// Checks tokens. Clones are one; when the last is dropped, the feed is closed, and its own token is
/// given back if the runtime goes on for so long: see [`Verifier::stop`].
#[derive(Clone)]
pub struct Verifier {
    shared: Arc<Shared>,
}

struct Shared {
    inner: Arc<Inner>,
    following: AbortHandle,
    runtime: Handle,
}

impl Shared {
    fn close(&self) {
        self.following.abort();
        self.inner.touch.close();
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.close();
        let inner = Arc::clone(&self.inner);
        self.runtime.spawn(async move { inner.remote.stop().await });
    }
}

pub(crate) struct Config {
    issuer: String,
    audience: String,
    leeway: i64,
    lost_touch: LostTouch,
    lost_after: Duration,
}

pub(crate) struct Inner {
    config: Config,
    remote: Remote,
    keys: Keyring,
    lists: Lists,
    accounts: Accounts,
    seen: Seen<Known>,
    touch: Touch,
    /// The last event that the feed told of, set before it is applied.
    heard: AtomicU64,
    /// The last event that is applied.
    applied: AtomicU64,
    /// By which name it is acknowledged.
    follower: ArcSwapOption<String>,
    /// Somebody waits for the acknowledgement.
    asked: Notify,
}

impl Verifier {
    /// A verifier of the tokens of `issuer`: the public URL of an authority.
    #[must_use]
    pub fn builder(issuer: impl AsRef<str>) -> Builder {
        Builder::new(issuer.as_ref())
    }

    /// Waits until the authority has been heard of: from then on tokens are accepted.
    pub async fn ready(&self) {
        // Asked again a few times a second: it is waited for once, at the start.
        while self.silence().is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Closes the feed, and gives the verifier's own token back: its account can have a hundred live
    /// ones, and one that is left behind counts for up to an hour. From now on this verifier and its
    /// clones are out of touch. Takes five seconds at most.
    pub async fn stop(&self) {
        self.shared.close();
        // Its request for a token may be on its way.
        let _too_late = tokio::time::timeout(STOPPED_WITHIN, self.shared.inner.remote.stop()).await;
    }

    /// For how long the authority has not been heard of; `None`: it never was, or the verifier was
    /// stopped.
    #[must_use]
    pub fn silence(&self) -> Option<Duration> {
        self.shared.inner.touch.silence()
    }

    /// Whether it hears the authority, so that memory is what there is.
    #[must_use]
    pub fn is_in_touch(&self) -> bool {
        self.shared.inner.is_in_touch()
    }

    /// The number of the last event of the authority's log that is applied. It only grows, unless the
    /// authority goes on with another log, as one does that was restored.
    #[must_use]
    pub fn applied(&self) -> u64 {
        self.shared.inner.applied.load(Ordering::Acquire)
    }
}

impl Inner {
    fn is_in_touch(&self) -> bool {
        self.touch.silence().is_some_and(|silence| silence <= self.config.lost_after)
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("issuer", &self.shared.inner.config.issuer)
            .finish_non_exhaustive()
    }
}
