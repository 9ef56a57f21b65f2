//! Is this token live, for this audience, from this address?

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering, fence},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rescind_core::{
    id::ClientId,
    signing::KeyId,
    status_list::ListId,
    status_list_token,
    token::{LIFETIME_SECONDS, list_uri},
};
use serde::Deserialize;
use tokio::{sync::OnceCell, time::sleep};

use crate::{
    Account, Inner, LostTouch, Refusal, Verifier,
    accounts::Found,
    lists::{List, Payload},
    places::Place,
    remote::{AsOf, RemoteError},
};

/// How often something is asked for again that was older than what has been heard already: an
/// authority of many replicas may have one that lags.
const ATTEMPTS: u32 = 20;

const LAG: Duration = Duration::from_millis(25);

/// For how long an account that is not ours is not asked for again, in seconds. It would be told of
/// if it came to be ours; but what was asked may have been a replica that lags.
const ABSENT_SECONDS: i64 = 30;

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
    key: KeyId,
    issued_at: i64,
    expires_at: i64,
    list: Arc<Place<List>>,
    index: u32,
    account: Arc<AccountPlace>,
    found: Whose,
}

type AccountPlace = Place<OnceCell<Result<Found, Refusal>>>;

/// Whose a token is.
enum Whose {
    Ours(Arc<Token>),
    /// Its account is gone, or of another organization, as far as was known at that second.
    NotOurs(i64),
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
        let known = match inner.remembered(text, now) {
            Some(known) => known,
            None => inner.look_at(text, now).await?,
        };
        let token = inner.check(&known, address, now)?;
        inner.check_touch(text).await?;
        Ok(Arc::clone(token))
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
        let now = unix_time();
        let known = inner.remembered(text, now)?;
        let token = match inner.check(&known, address, now) {
            Ok(token) => token,
            Err(refusal) => {
                if refusal == Refusal::Expired {
                    inner.seen.forget(text);
                }
                return Some(Err(refusal));
            }
        };
        match inner.without_asking() {
            Verdict::Accepted => Some(Ok(Arc::clone(token))),
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
    fn check<'a>(
        &self,
        known: &'a Known,
        address: IpAddr,
        now: i64,
    ) -> Result<&'a Arc<Token>, Refusal> {
        self.check_time(known.issued_at, known.expires_at, now)?;
        if known.list.is_set(known.index) {
            return Err(Refusal::Revoked);
        }
        match &known.found {
            Whose::Ours(token) if token.account.admits(address) => Ok(token),
            Whose::Ours(_) => Err(Refusal::Address),
            Whose::NotOurs(_) => Err(Refusal::Revoked),
        }
    }

    /// How far the authority's clock may be ahead of ours, in seconds.
    fn skew(&self) -> i64 {
        self.config.leeway.max(CLOCK_SKEW)
    }

    fn check_time(&self, issued_at: i64, expires_at: i64, now: i64) -> Result<(), Refusal> {
        let leeway = self.config.leeway;
        if expires_at.saturating_add(leeway) <= now {
            return Err(Refusal::Expired);
        }
        if issued_at > now.saturating_add(self.skew()) { Err(Refusal::NotYet) } else { Ok(()) }
    }

    /// What memory has of a token, if that can be relied on.
    fn remembered(&self, text: &str, now: i64) -> Option<Arc<Known>> {
        self.seen.get(text).filter(|known| self.holds(known, now))
    }

    /// Whether all that a token was judged by is still what the feed speaks to.
    fn holds(&self, known: &Known, now: i64) -> bool {
        !known.list.is_stale()
            && !known.account.is_stale()
            && self.keys.holds(known.key)
            && match known.found {
                Whose::Ours(_) => true,
                Whose::NotOurs(asked_at) => is_recent(asked_at, now),
            }
    }

    /// Whether memory is what there is, or what the owner does without it.
    fn without_asking(&self) -> Verdict {
        if self.is_in_touch() {
            return Verdict::Accepted;
        }
        let silence = self.touch.silence();
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
        match self.without_asking() {
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
        let (key, claims) = self.read(text).await?;
        // Before anything is asked for: an expired token costs the authority nothing.
        self.check_time(claims.iat, claims.exp, now)?;
        let StatusListReference { idx: index, uri } = &claims.status.status_list;
        // Its lists are where the authority is, and are held under their numbers alone.
        let id = uri.rsplit('/').next().and_then(|id| id.parse::<ListId>().ok());
        let id =
            id.filter(|id| list_uri(&self.config.issuer, *id) == *uri).ok_or(Refusal::Unknown)?;
        for _ in 0..ATTEMPTS {
            let list = self.list(id, uri, claims.exp).await?;
            let (place, Found { account, asked_at }) =
                self.account(claims.sub, claims.exp, now).await?;
            let found = account.map_or(Whose::NotOurs(asked_at), |account| {
                Whose::Ours(Arc::new(Token {
                    client_id: account.client_id.clone(),
                    token_id: claims.jti.clone(),
                    issued_at: claims.iat,
                    expires_at: claims.exp,
                    account,
                }))
            });
            let known = Arc::new(Known {
                key,
                issued_at: claims.iat,
                expires_at: claims.exp,
                list,
                index: *index,
                account: place,
                found,
            });
            // While one thing was waited for, the other may have been let go of.
            if self.holds(&known, now) {
                self.seen.insert(text, Arc::clone(&known));
                return Ok(known);
            }
        }
        Err(Refusal::Unavailable("what it tells changes faster than it can be asked".to_owned()))
    }

    /// What a token says, if it was signed for us, and by which key.
    async fn read(&self, text: &str) -> Result<(KeyId, Claims), Refusal> {
        let read = self.keys.read::<Claims>(&self.remote, text, "JWT").await?;
        read.filter(|(_, claims)| self.are_ours(claims)).ok_or(Refusal::Unknown)
    }

    fn are_ours(&self, claims: &Claims) -> bool {
        claims.iss == self.config.issuer
            && claims.aud == self.config.audience
            // No token of ours has a longer life, so none keeps a list for longer.
            && claims.exp.saturating_sub(claims.iat) <= LIFETIME_SECONDS
    }

    /// A list whose bits are all that has been heard of, and no fewer than the authority has.
    async fn list(&self, id: ListId, uri: &str, expiry: i64) -> Result<Arc<Place<List>>, Refusal> {
        let list = self.lists.place(id, expiry);
        let fetched = list.fetched.get_or_init(async || {
            let fetched = self.fetch_list(id, uri, &list).await;
            if fetched.is_err() {
                self.lists.let_go(id, &list);
            }
            fetched
        });
        fetched.await.clone()?;
        Ok(list)
    }

    async fn fetch_list(&self, id: ListId, uri: &str, list: &List) -> Result<(), Refusal> {
        // The feed sets bits in this place from now on. What it told before was lost, so that it
        // must be in what is fetched.
        let heard = self.heard();
        for _ in 0..ATTEMPTS {
            let fetched = self.remote.list(id).await?;
            let AsOf { event, value } = fetched.ok_or(Refusal::Revoked)?;
            if event >= heard {
                return self.set_bits(list, uri, &value).await;
            }
            sleep(LAG).await;
        }
        Err(Refusal::Unavailable("its status lists lag behind its feed".to_owned()))
    }

    async fn set_bits(&self, list: &List, uri: &str, token: &str) -> Result<(), Refusal> {
        let read = self.keys.read::<Payload>(&self.remote, token, "statuslist+jwt").await?;
        let (now, leeway) = (unix_time(), self.skew());
        let holds = |payload: &Payload| {
            payload.sub == uri
                && payload.iat <= now.saturating_add(leeway)
                && payload.exp.is_none_or(|exp| now < exp.saturating_add(leeway))
        };
        read.map(|(_, payload)| payload)
            .filter(holds)
            .and_then(|payload| list.set_all(&payload))
            .ok_or_else(|| Refusal::Unavailable(format!("{uri} is not its list")))
    }

    /// An account as the authority knows it, or newer, and the place that it is kept in.
    async fn account(
        &self,
        id: ClientId,
        expiry: i64,
        now: i64,
    ) -> Result<(Arc<AccountPlace>, Found), Refusal> {
        let mut place = self.accounts.place(id, expiry);
        if let Some(Ok(Found { account: None, asked_at })) = place.get()
            && !is_recent(*asked_at, now)
        {
            self.accounts.let_go(id, &place);
            place = self.accounts.place(id, expiry);
        }
        let found = place.get_or_init(async || {
            let found = self.fetch_account(id).await;
            if found.is_err() {
                self.accounts.let_go(id, &place);
            }
            found
        });
        let found = found.await.clone()?;
        Ok((place, found))
    }

    async fn fetch_account(&self, id: ClientId) -> Result<Found, Refusal> {
        // The same as with lists: what was told before there was a place must be included.
        let heard = self.heard();
        for _ in 0..ATTEMPTS {
            let asked_at = unix_time();
            match self.remote.account(id).await? {
                None => return Ok(Found { account: None, asked_at }),
                Some(AsOf { event, value }) if event >= heard => {
                    return Ok(Found { account: Some(Arc::new(value)), asked_at });
                }
                Some(_) => sleep(LAG).await,
            }
        }
        Err(Refusal::Unavailable("its accounts lag behind its feed".to_owned()))
    }

    /// The last event that the feed has told of.
    ///
    /// A place is made, and then this is read; the feed notes the number, and then looks for the
    /// place. Between the two steps of each is a fence, and one of two fences is the first: so
    /// either the feed finds the place, or its number is read here.
    fn heard(&self) -> u64 {
        fence(Ordering::SeqCst);
        self.heard.load(Ordering::Relaxed)
    }

    /// Notes an event, before what it tells is applied: see [`Self::heard`].
    pub(crate) fn note_heard(&self, note: impl FnOnce(&AtomicU64) -> u64) {
        note(&self.heard);
        fence(Ordering::SeqCst);
    }

    /// Lets go of what no token needs that is alive.
    pub(crate) fn forget_expired(&self) {
        let second = unix_time().saturating_sub(self.config.leeway);
        let lists = self.lists.forget_expired(second);
        if self.accounts.forget_expired(second) || lists {
            // Tokens that nobody presents any more would hold on to them: a list has 128 KiB.
            self.seen.retain(|known| known.expires_at >= second);
        }
    }
}

fn is_recent(asked_at: i64, now: i64) -> bool {
    (0..ABSENT_SECONDS).contains(&now.saturating_sub(asked_at))
}

/// How far the authority's clock may be ahead of ours in any case, in seconds: what it has just signed is
/// of our future then.
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
