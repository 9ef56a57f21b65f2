//! Status lists, held in memory: fetched when the first token of one is seen, and kept fresh by the
//! feed.

use std::io::Read as _;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use flate2::read::ZlibDecoder;
use rescind_core::{
    clock::UnixTime,
    status_list::{BLOCK_BITS, LIST_BLOCKS, ListId, StatusList, Term},
};
use serde::Deserialize;
use tokio::sync::OnceCell;

use crate::{Refusal, places::Places};

/// The bytes of a list.
const LIST_BYTES: usize = (LIST_BLOCKS * BLOCK_BITS / 8) as usize;

/// A list: its bits are set by the feed from the moment that there is a place for it, and by what
/// is fetched. To set one twice does no harm, and none is ever unset.
pub(crate) struct List {
    bits: StatusList,
    /// Where those wait who need it. The first fetches it, and all hear how that went.
    pub(crate) fetched: OnceCell<Result<(), Refusal>>,
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

impl Default for List {
    fn default() -> Self {
        // When it dies is of no interest here: it is forgotten after its last token.
        let term = Term::starting(UnixTime::from_second(0));
        Self { bits: StatusList::new(term), fetched: OnceCell::new() }
    }
}

impl List {
    /// Whether the token with this bit is revoked.
    pub(crate) fn is_set(&self, index: u32) -> bool {
        self.bits.is_set(index)
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
pub(crate) type Lists = Places<ListId, List>;

impl Lists {
    /// Sets a bit, if the list is held.
    pub(crate) fn revoke(&self, id: ListId, index: u32) {
        self.tell(id, |list| list.bits.set(index / BLOCK_BITS, 1 << (index % BLOCK_BITS)));
    }

    /// Sets all bits of a block, if the list is held.
    pub(crate) fn revoke_block(&self, id: ListId, block: u32) {
        self.tell(id, |list| list.bits.set(block, u64::MAX));
    }
}
