//! Status lists for those who check tokens elsewhere, signed.

use std::{sync::Arc, time::Duration};

use rescind_core::{
    clock::UnixTime,
    status_list::{ListId, StatusList},
    status_list_token::{self, VALIDITY_SECONDS},
    token::list_uri,
};
use rescind_store::Seq;
use tokio::{
    sync::Mutex,
    time::{Instant, sleep_until},
};

use crate::Authority;

/// A signed list is made anew when half of its validity is over.
const RENEWED_AFTER_SECONDS: i64 = VALIDITY_SECONDS / 2;

/// A list is not signed more often than this, however fast it changes: to compress and to sign one
/// takes a millisecond or two, and anybody may ask.
const PAUSE: Duration = Duration::from_millis(100);

/// The lists that were asked for, as they were last signed.
#[derive(Default)]
pub(crate) struct SignedLists(papaya::HashMap<ListId, Arc<Mutex<Option<Signed>>>>);

#[derive(Clone)]
struct Signed {
    token: Arc<str>,
    /// It has all changes of bits up to this one.
    changes: u64,
    made_at: Instant,
    renewed_at: UnixTime,
}

/// A signed list.
#[derive(Clone, Debug)]
pub struct StatusListToken {
    /// The list, as a compact JWS.
    pub token: Arc<str>,
    /// It includes everything up to this event.
    pub event: Seq,
}

impl SignedLists {
    /// Forgets the lists that are not among those in memory any more.
    pub(crate) fn retain(&self, is_alive: impl Fn(ListId) -> bool) {
        self.0.pin().retain(|id, _| is_alive(*id));
    }
}

impl Authority {
    /// The list `id`, signed; `None` when all its tokens have expired, or there was none.
    ///
    /// It is signed once for all who ask, until a bit changes; then the next one may be waited for,
    /// a tenth of a second at most, and another one if that was being signed already.
    pub async fn status_list(&self, id: ListId) -> Option<StatusListToken> {
        let now = self.0.clock.now();
        let list = self.0.view.list(id).filter(|list| now < list.term().dies_at)?;
        // Before the bits: they may know more, and never less.
        let (event, changes) = (self.0.view.seq(), list.changes());
        let slot = Arc::clone(self.0.signed_lists.0.pin().get_or_insert_with(id, Arc::default));
        // Held while one waits and signs, for all who come meanwhile.
        let mut slot = slot.lock().await;
        let usable = |signed: &&Signed| changes <= signed.changes && now < signed.renewed_at;
        if let Some(signed) = slot.as_ref().filter(usable) {
            return Some(StatusListToken { token: Arc::clone(&signed.token), event });
        }
        if let Some(last) = &*slot {
            sleep_until(last.made_at + PAUSE).await;
        }
        let changes = list.changes();
        let token = self.sign_list(id, &list, now);
        let renewed_at = now.plus_seconds(RENEWED_AFTER_SECONDS);
        let made_at = Instant::now();
        *slot = Some(Signed { token: Arc::clone(&token), changes, made_at, renewed_at });
        Some(StatusListToken { token, event })
    }

    fn sign_list(&self, id: ListId, list: &StatusList, now: UnixTime) -> Arc<str> {
        let uri = list_uri(self.issuer(), id);
        status_list_token::sign(&uri, list, now, self.0.view.keys().current(now)).into()
    }

    /// Where all lists are that a live token can be in, and the event up to which that is true.
    #[must_use]
    pub fn status_list_uris(&self) -> (Vec<String>, Seq) {
        let event = self.0.view.seq();
        let ids = self.0.view.list_ids(self.0.clock.now());
        (ids.into_iter().map(|id| list_uri(self.issuer(), id)).collect(), event)
    }
}
