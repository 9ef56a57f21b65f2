//! Is this token live, for this audience, from this address?

use std::{
    net::IpAddr,
    sync::{Arc, atomic::Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rescind_core::{id::ClientId, status_list::ListId, status_list_token};
use serde::Deserialize;
use tokio::time::sleep;

use crate::{
    Account, Inner, LostTouch, Refusal, Verifier,
    accounts::Place,
    keys::Unsigned,
    lists::{List, Payload},
    remote::{AsOf, RemoteError},
};

/// How often something is asked for again that was older than what has been heard already: an
/// authority of many replicas may have one that lags.
const ATTEMPTS: u32 = 20;

const LAG: Duration = Duration::from_millis(25);

/// A live token.
#[derive(Clone, Debug)]
pub struct Token {
    /// The service account that it was issued to.
    pub client_id: String,
    /// Its name (`jti`).
    pub token_id: String,
    /// When it was issued, in seconds since 1970.
    pub issued_at: i64,
    /// When it expires, in seconds since 1970.
    pub expires_at: i64,
    /// What the account may do, as of now.
    pub account: Arc<Account>,
}

/// A token, and where to look whether it lives.
pub(crate) struct Known {
    token: Arc<Token>,
    list: Arc<List>,
    index: u32,
    place: Arc<Place>,
}

/// What is read of a token (oauth-endpoints.md 6, RFC 9068).
#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: ClientId,
    iat: i64,
    exp: i64,
    jti: String,
    status: Status,
}

#[derive(Deserialize)]
struct Status {
    status_list: StatusListReference,
}

#[derive(Deserialize)]
struct StatusListReference {
    idx: u32,
    uri: String,
}

impl Verifier {
    /// The token that `text` is, if it is live, was issued for our audience, and may be used from
    /// `address`.
    ///
    /// For a token that was seen before, this is a look-up in memory. For another one, a signature
    /// is verified; and the first of a status list, of an account or of a new key asks the
    /// authority.
    ///
    /// # Errors
    ///
    /// [`Refusal`]: 401 or 403 where [`Refusal::is_final`], else 503.
    pub async fn verify(&self, text: &str, address: IpAddr) -> Result<Arc<Token>, Refusal> {
        if let Some(decided) = self.verify_seen(text, address) {
            return decided;
        }
        let inner = &*self.shared.inner;
        let now = unix_time();
        let known = match inner.remembered(text) {
            Some(known) => known,
            None => inner.look_at(text, now).await?,
        };
        inner.check(&known, address, now)?;
        inner.check_touch(text).await?;
        Ok(Arc::clone(&known.token))
    }

    /// The same from memory alone, which waits for nothing; `None` where that is not enough: the
    /// token was not seen before, or the authority has to be asked about it.
    ///
    /// # Errors
    ///
    /// [`Refusal`], as [`Self::verify`].
    #[must_use]
    pub fn verify_seen(&self, text: &str, address: IpAddr) -> Option<Result<Arc<Token>, Refusal>> {
        let inner = &*self.shared.inner;
        let known = inner.remembered(text)?;
        let decided = inner
            .check(&known, address, unix_time())
            .map_or_else(Verdict::Refused, |()| inner.in_touch());
        match decided {
            Verdict::Accepted => Some(Ok(Arc::clone(&known.token))),
            Verdict::Refused(refusal) => Some(Err(refusal)),
            Verdict::Ask(_) => None,
        }
    }
}

/// What can be said without asking.
enum Verdict {
    Accepted,
    Refused(Refusal),
    /// The authority has to say; the refusal is for when it does not.
    Ask(Refusal),
}

impl Inner {
    /// What memory knows of a token that was read: its time, its bit, its account's addresses.
    fn check(&self, known: &Known, address: IpAddr, now: i64) -> Result<(), Refusal> {
        let leeway = self.config.leeway;
        if known.token.expires_at.saturating_add(leeway) <= now {
            return Err(Refusal::Expired);
        }
        if known.token.issued_at > now.saturating_add(leeway) {
            return Err(Refusal::NotYet);
        }
        if known.list.is_set(known.index) {
            return Err(Refusal::Revoked);
        }
        if known.token.account.admits(address) { Ok(()) } else { Err(Refusal::Address) }
    }

    /// What memory has of a token, if that can be relied on.
    fn remembered(&self, text: &str) -> Option<Arc<Known>> {
        self.seen.get(text).filter(|known| known.list.is_fresh() && known.place.is_fresh())
    }

    /// Whether memory is what there is, or what the owner does without it.
    fn in_touch(&self) -> Verdict {
        let silence = self.touch.silence();
        if silence.is_some_and(|silence| silence <= self.config.lost_after) {
            return Verdict::Accepted;
        }
        let refusal = silence.map_or(Refusal::NeverInTouch, Refusal::OutOfTouch);
        match self.config.lost_touch {
            LostTouch::FailOpen(limit) if silence.is_some_and(|silence| silence <= limit) => {
                Verdict::Accepted
            }
            LostTouch::FailClosed | LostTouch::FailOpen(_) => Verdict::Refused(refusal),
            LostTouch::Introspect => Verdict::Ask(refusal),
        }
    }

    async fn check_touch(&self, text: &str) -> Result<(), Refusal> {
        match self.in_touch() {
            Verdict::Accepted => Ok(()),
            Verdict::Refused(refusal) => Err(refusal),
            Verdict::Ask(refusal) => match self.remote.introspect(text).await {
                Ok(true) => Ok(()),
                Ok(false) => Err(Refusal::Revoked),
                Err(_) => Err(refusal),
            },
        }
    }

    /// Reads a token, and fetches what must be known of it.
    async fn look_at(&self, text: &str, now: i64) -> Result<Arc<Known>, Refusal> {
        let claims = self.read(text).await?;
        // Before anything is asked for: an expired token costs the authority nothing.
        if claims.exp.saturating_add(self.config.leeway) <= now {
            return Err(Refusal::Expired);
        }
        let StatusListReference { idx: index, uri } = claims.status.status_list;
        let id: ListId =
            uri.rsplit('/').next().and_then(|id| id.parse().ok()).ok_or(Refusal::Unknown)?;
        let list = self.list(id, &uri, claims.exp).await?;
        let (place, account) = self.account(claims.sub).await?;
        let token = Arc::new(Token {
            client_id: account.client_id.clone(),
            token_id: claims.jti,
            issued_at: claims.iat,
            expires_at: claims.exp,
            account,
        });
        let known = Arc::new(Known { token, list, index, place });
        self.seen.insert(text, Arc::clone(&known));
        Ok(known)
    }

    /// What a token says, if it was signed for us.
    async fn read(&self, text: &str) -> Result<Claims, Refusal> {
        let read = || self.keys.load().read::<Claims>(text, "JWT");
        let claims = match read() {
            Err(Unsigned::UnknownKey) if self.may_fetch_keys() => {
                self.fetch_keys().await?;
                read()
            }
            // The key may be a new one, whoever asked for it before.
            Err(Unsigned::UnknownKey) if self.keys_missed.load(Ordering::Acquire) => {
                return Err(Refusal::Unavailable("its keys could not be fetched".to_owned()));
            }
            read => read,
        };
        claims
            .ok()
            .filter(|claims| claims.iss == self.config.issuer && claims.aud == self.config.audience)
            .ok_or(Refusal::Unknown)
    }

    /// A list whose bits are all that has been heard of, and no fewer than the authority has.
    async fn list(&self, id: ListId, uri: &str, expires_at: i64) -> Result<Arc<List>, Refusal> {
        let list = self.lists.place(id);
        list.note_expiry(expires_at);
        let fetched = list.fetched().get_or_try_init(async || {
            // The feed sets bits in this place from now on. What it told before was lost, so that
            // it must be in what is fetched.
            let heard = self.heard();
            for _ in 0..ATTEMPTS {
                let fetched = self.remote.list(id).await?;
                let AsOf { event, value } = fetched.ok_or(Refusal::Revoked)?;
                if event >= heard {
                    return self.set_bits(&list, uri, &value).await;
                }
                sleep(LAG).await;
            }
            Err(Refusal::Unavailable("its status lists lag behind its feed".to_owned()))
        });
        match fetched.await {
            Ok(()) => Ok(list),
            Err(refusal) => {
                self.lists.forget(id, &list);
                Err(refusal)
            }
        }
    }

    async fn set_bits(&self, list: &List, uri: &str, token: &str) -> Result<(), Refusal> {
        let read = || self.keys.load().read::<Payload>(token, "statuslist+jwt");
        let payload = match read() {
            Err(Unsigned::UnknownKey) => {
                self.fetch_keys().await?;
                read()
            }
            read => read,
        };
        let (now, leeway) = (unix_time(), self.config.leeway.max(CLOCK_SKEW));
        let holds = |payload: &Payload| {
            payload.sub == uri
                && payload.iat <= now.saturating_add(leeway)
                && payload.exp.is_none_or(|exp| now < exp.saturating_add(leeway))
        };
        payload
            .ok()
            .filter(holds)
            .and_then(|payload| list.set_all(&payload))
            .ok_or_else(|| Refusal::Unavailable(format!("{uri} is not its list")))
    }

    /// An account as the authority knows it, or newer.
    async fn account(&self, id: ClientId) -> Result<(Arc<Place>, Arc<Account>), Refusal> {
        let place = self.accounts.place(id);
        let fetched = place.account().get_or_try_init(async || {
            // The same as with lists: what was told before there was a place must be included.
            let heard = self.heard();
            for _ in 0..ATTEMPTS {
                match self.remote.account(id).await? {
                    None => return Ok(None),
                    Some(AsOf { event, value }) if event >= heard => {
                        return Ok(Some(Arc::new(value)));
                    }
                    Some(_) => sleep(LAG).await,
                }
            }
            Err(Refusal::Unavailable("its accounts lag behind its feed".to_owned()))
        });
        match fetched.await {
            Ok(Some(account)) => Ok((Arc::clone(&place), Arc::clone(account))),
            // It is gone, or of another organization: then its tokens are not for us.
            Ok(None) => {
                self.accounts.forget(id, &place);
                Err(Refusal::Revoked)
            }
            Err(refusal) => {
                self.accounts.forget(id, &place);
                Err(refusal)
            }
        }
    }

    /// The last event that the feed has told of.
    ///
    /// It is set before what it tells is applied, and read after a place was made: either the feed
    /// finds the place, or the number is read here.
    fn heard(&self) -> u64 {
        std::sync::atomic::fence(Ordering::SeqCst);
        self.heard.load(Ordering::SeqCst)
    }

    pub(crate) fn forget_expired(&self) {
        self.lists.forget_expired(unix_time().saturating_sub(self.config.leeway));
    }
}

/// How far the authority's clock may be ahead of ours, in seconds, for a list that it has just signed.
const CLOCK_SKEW: i64 = status_list_token::VALIDITY_SECONDS;

impl From<RemoteError> for Refusal {
    fn from(error: RemoteError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

fn unix_time() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "a resource server's clock is the machine's")]
    let now = SystemTime::now();
    now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs().cast_signed())
}
