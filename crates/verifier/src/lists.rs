//! Status lists, held in memory: fetched when the first token of one is seen, and kept fresh by the
//! feed.

use std::{
    io::Read as _,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use flate2::read::ZlibDecoder;
use rescind_core::{
    clock::UnixTime,
    status_list::{BLOCK_BITS, LIST_BLOCKS, ListId, StatusList, Term},
};
use serde::Deserialize;
use tokio::sync::OnceCell;

/// The bytes of a list.
const LIST_BYTES: usize = (LIST_BLOCKS * BLOCK_BITS / 8) as usize;

/// A list: its bits are set by the feed from the moment that there is a place for it, and by what
/// is fetched. To set one twice does no harm, and none is ever unset.
pub(crate) struct List {
    bits: StatusList,
    fetched: OnceCell<()>,
    /// The feed has a gap: what is held may lack something.
    stale: AtomicBool,
    /// When the last token of it expires that was seen here.
    last_expiry: AtomicI64,
}

/// What a signed list says (IETF Token Status List).
#[derive(Deserialize)]
pub(crate) struct Payload {
    pub(crate) sub: String,
    pub(crate) iat: i64,
    pub(crate) exp: Option<i64>,
    status_list: Bits,
}

#[derive(Deserialize)]
struct Bits {
    bits: u8,
    lst: String,
}

impl List {
    fn new() -> Self {
        // When it dies is of no interest here: it is forgotten after its last token.
        let term = Term::starting(UnixTime::from_second(0));
        Self {
            bits: StatusList::new(term),
            fetched: OnceCell::new(),
            stale: AtomicBool::new(false),
            last_expiry: AtomicI64::new(i64::MIN),
        }
    }

    /// Whether the token with this bit is revoked.
    pub(crate) fn is_set(&self, index: u32) -> bool {
        self.bits.is_set(index)
    }

    /// Whether what it says can be relied on, as long as the feed is heard.
    pub(crate) fn is_fresh(&self) -> bool {
        self.fetched.initialized() && !self.stale.load(Ordering::Acquire)
    }

    /// Notes a token of it, which expires at `second`.
    pub(crate) fn note_expiry(&self, second: i64) {
        self.last_expiry.fetch_max(second, Ordering::Relaxed);
    }

    /// Where those wait who need it; the first of them fetches it.
    pub(crate) fn fetched(&self) -> &OnceCell<()> {
        &self.fetched
    }

    /// Sets what a signed list has set; `None` if it is none of ours.
    pub(crate) fn set_all(&self, payload: &Payload) -> Option<()> {
        if payload.status_list.bits != 1 {
            return None;
        }
        let compressed = URL_SAFE_NO_PAD.decode(&payload.status_list.lst).ok()?;
        let mut bytes = Vec::with_capacity(LIST_BYTES);
        // Not a byte more than a list has, whatever it unpacks to.
        let limit = LIST_BYTES as u64 + 1;
        ZlibDecoder::new(&*compressed).take(limit).read_to_end(&mut bytes).ok()?;
        if bytes.len() != LIST_BYTES {
            return None;
        }
        let (words, _) = bytes.as_chunks();
        for (block, word) in (0..).zip(words) {
            let mask = u64::from_le_bytes(*word);
            if mask != 0 {
                self.bits.set(block, mask);
            }
        }
        Some(())
    }
}

/// All that tokens were seen of.
#[derive(Default)]
pub(crate) struct Lists(papaya::HashMap<ListId, Arc<List>>);

impl Lists {
    /// The list `id`, perhaps still to be fetched.
    pub(crate) fn place(&self, id: ListId) -> Arc<List> {
        Arc::clone(self.0.pin().get_or_insert_with(id, || Arc::new(List::new())))
    }

    /// Sets a bit, if the list is held.
    pub(crate) fn revoke(&self, id: ListId, index: u32) {
        if let Some(list) = self.0.pin().get(&id) {
            list.bits.set(index / BLOCK_BITS, 1 << (index % BLOCK_BITS));
        }
    }

    /// Sets all bits of a block, if the list is held.
    pub(crate) fn revoke_block(&self, id: ListId, block: u32) {
        if let Some(list) = self.0.pin().get(&id) {
            list.bits.set(block, u64::MAX);
        }
    }

    /// Lets go of a list that could not be fetched.
    pub(crate) fn forget(&self, id: ListId, list: &Arc<List>) {
        let _another_by_now = self.0.pin().remove_if(&id, |_, held| Arc::ptr_eq(held, list));
    }

    /// What is held may lack something: it is fetched again when it is next needed.
    pub(crate) fn distrust(&self) {
        let lists = self.0.pin();
        for list in lists.values() {
            list.stale.store(true, Ordering::Release);
        }
        lists.clear();
    }

    /// Forgets the lists of which every token seen here has expired by `second`.
    pub(crate) fn forget_expired(&self, second: i64) {
        self.0.pin().retain(|_, list| {
            !list.fetched.initialized() || second <= list.last_expiry.load(Ordering::Relaxed)
        });
    }
}
