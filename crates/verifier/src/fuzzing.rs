//! What fuzz targets reach (`fuzz/`): how the answers of an authority are read. Built for them only.

use rescind_core::status_list::{BLOCK_BITS, LIST_BLOCKS, ListId};

use crate::{
    events::{Changed, Event, Reader},
    keys::{KeySet, Keys},
    lists::{Lists, Payload},
};

/// Whether a key of this set (RFC 7517) has signed `text` as an access token.
#[must_use]
pub fn believes(key_set: &str, text: &str) -> bool {
    let set: KeySet = serde_json::from_str(key_set).expect("a key set");
    Keys::from(set).read::<serde_json::Value>(text, "JWT").is_ok()
}

/// The bits that are set once the payload of a signed status list was read; `None` if it is none.
#[must_use]
pub fn status_list(payload: &[u8]) -> Option<Vec<u32>> {
    let payload: Payload = serde_json::from_slice(payload).ok()?;
    let list = Lists::default().place(ListId::from_number(0), i64::MAX);
    list.set_all(&payload)?;
    Some((0..LIST_BLOCKS * BLOCK_BITS).filter(|index| list.is_set(*index)).collect())
}

/// The events of a feed that came in these pieces, and whether all of it was one.
///
/// # Panics
///
/// When a token lives that was revoked by it.
#[must_use]
pub fn feed<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<String>, bool) {
    let (mut reader, lists, mut events) = (Reader::default(), Lists::default(), Vec::new());
    for piece in pieces {
        if reader.push(piece).is_err() {
            return (events, false);
        }
        loop {
            match reader.next() {
                Ok(Some((number, event))) => {
                    events.push(format!("{number} {}", hear(&lists, event)))
                }
                Ok(None) => break,
                Err(_) => return (events, false),
            }
        }
    }
    (events, true)
}

fn hear(lists: &Lists, event: Event) -> String {
    let changed = match event {
        Event::Hello(name) => return format!("hello {name}"),
        Event::Missed => return "missed".to_owned(),
        Event::Changed(changed) => changed,
    };
    let Changed { tokens, blocks, accounts, organization, acknowledge } = &changed;
    let mut revoked = Vec::new();
    for (id, indices) in tokens {
        let list = lists.place(*id, i64::MAX);
        for index in indices {
            lists.revoke(*id, *index);
            assert!(list.is_set(*index), "the token {index} lives");
            revoked.push((id.as_number(), *index, 1));
        }
    }
    for (id, numbers) in blocks {
        let list = lists.place(*id, i64::MAX);
        for number in numbers {
            lists.revoke_block(*id, *number);
            let mut bits =
                (0..BLOCK_BITS).filter_map(|bit| number.checked_mul(BLOCK_BITS)?.checked_add(bit));
            assert!(bits.all(|index| list.is_set(index)), "a token of the block {number} lives");
            revoked.push((id.as_number(), *number, BLOCK_BITS));
        }
    }
    // They come in no order.
    revoked.sort_unstable();
    format!("{revoked:?} {accounts:?} {organization} {acknowledge}")
}
