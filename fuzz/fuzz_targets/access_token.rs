//! Texts that are shown as access tokens: only those that were issued are believed, by the server
//! (oauth-endpoints.md 5.2, row "unknown, garbage, altered signature, not a JWT") and by resource
//! servers that check them by themselves.
#![no_main]

use std::sync::LazyLock;

use arbitrary::{Arbitrary, Unstructured};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use libfuzzer_sys::fuzz_target;
use rescind_core::{
    key_ring::KeyRing,
    token::{Claims, Presented},
};
use rescind_fuzz::genuine::{TOKENS, ring};
use rescind_verifier::fuzzing::believes;
use serde_json::json;

static RING: LazyLock<KeyRing> = LazyLock::new(|| {
    let ring = ring();
    for token in TOKENS {
        let presented = Presented::parse(token, &ring);
        assert!(presented.is_some_and(|presented| presented.is_genuine()), "make genuine/ anew");
    }
    ring
});

/// The public keys of the ring, as resource servers fetch them.
static KEY_SET: LazyLock<String> = LazyLock::new(|| {
    let keys: Vec<_> = RING.iter().map(|key| key.jwk()).collect();
    json!({ "keys": keys }).to_string()
});

/// A change to a token, at a place counted round and round.
#[derive(Arbitrary, Debug)]
enum Edit {
    Replace(u16, char),
    Insert(u16, char),
    Remove(u16),
    Truncate(u16),
    /// Puts the part of another token in the place of this one's: header, payload or signature.
    Transplant(u8, u8),
    /// Decodes a part, changes a byte of it by what is not zero, and encodes it again.
    Flip(u8, u16, u8),
    /// Encodes a part as it must not be: padded, or in the alphabet that URLs cannot have.
    Reencode(u8, bool),
    /// The `s` of an ECDSA signature becomes `n - s`, which holds as well.
    NegateS,
    Unsigned,
}

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        check(text);
    }
    let mut choices = Unstructured::new(data);
    let Ok(which) = choices.choose_index(TOKENS.len()) else { return };
    let mut text = TOKENS[which].to_owned();
    // A few at most: of a token that was changed everywhere nothing is left to be believed.
    for _ in 0..4 {
        let Ok(edit) = Edit::arbitrary(&mut choices) else { break };
        apply(&edit, &mut text);
        check(&text);
    }
});

fn check(text: &str) {
    let issued = TOKENS.contains(&text);
    assert_eq!(believed(text).is_some(), issued, "a text of {} bytes: {text:?}", text.len());
    assert_eq!(believes(&KEY_SET, text), issued, "elsewhere, of {text:?}");
}

fn believed(text: &str) -> Option<Claims> {
    let presented = Presented::parse(text, &RING)?;
    let claims = presented.claims(); // reading it is for everybody to try
    if presented.is_genuine() { claims } else { None }
}

fn apply(edit: &Edit, text: &mut String) {
    match *edit {
        Edit::Replace(at, to) => {
            if let Some((at, from)) = place(text, at) {
                text.replace_range(at..at + from.len_utf8(), to.encode_utf8(&mut [0; 4]));
            }
        }
        Edit::Insert(at, new) => {
            let at = place(text, at).map_or(0, |(at, _)| at);
            text.insert(at, new);
        }
        Edit::Remove(at) => {
            if let Some((at, _)) = place(text, at) {
                text.remove(at);
            }
        }
        Edit::Truncate(at) => text.truncate(place(text, at).map_or(0, |(at, _)| at)),
        Edit::Transplant(part, from) => {
            let other = TOKENS[usize::from(from) % TOKENS.len()];
            let donor = other.split('.').nth(usize::from(part) % 3).unwrap_or_default();
            with_part(text, part, |_| Some(donor.to_owned()));
        }
        Edit::Flip(part, at, by) => with_part(text, part, |part| {
            let mut bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
            let at = usize::from(at).checked_rem(bytes.len())?;
            bytes[at] ^= by.max(1);
            Some(URL_SAFE_NO_PAD.encode(bytes))
        }),
        Edit::Reencode(part, padded) => with_part(text, part, |part| {
            Some(if padded { format!("{part}=") } else { part.replace('-', "+").replace('_', "/") })
        }),
        Edit::NegateS => with_part(text, 2, |part| {
            let mut signature = URL_SAFE_NO_PAD.decode(part).ok()?;
            let half = signature.len() / 2;
            let order = ORDERS.into_iter().find(|order| order.len() == half)?;
            negate(&mut signature[half..], order);
            Some(URL_SAFE_NO_PAD.encode(signature))
        }),
        Edit::Unsigned => {
            with_part(text, 0, |_| Some(URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#)));
        }
    }
}

/// The character that `at` points at.
fn place(text: &str, at: u16) -> Option<(usize, char)> {
    let count = text.chars().count();
    text.char_indices().nth(usize::from(at).checked_rem(count)?)
}

fn with_part(text: &mut String, part: u8, change: impl FnOnce(&str) -> Option<String>) {
    let mut parts: Vec<_> = text.split('.').map(str::to_owned).collect();
    if let Some(part) = parts.get_mut(usize::from(part) % 3)
        && let Some(changed) = change(part)
    {
        *part = changed;
        *text = parts.join(".");
    }
}

/// The orders of P-256, P-384 and P-521 (SEC 2), written down here again on purpose.
const ORDERS: [&[u8]; 3] = [
    b"\xff\xff\xff\xff\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\
      \xf3\xb9\xca\xc2\xfc\x63\x25\x51",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\
      \xff\xff\xc7\x63\x4d\x81\xf4\x37\x2d\xdf\x58\x1a\x0d\xb2\x48\xb0\xa7\x7a\xec\xec\x19\x6a\
      \xcc\xc5\x29\x73",
    b"\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\
      \xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfa\x51\x86\x87\x83\xbf\x2f\x96\x6b\x7f\xcc\
      \x01\x48\xf7\x09\xa5\xd0\x3b\xb5\xc9\xb8\x89\x9c\x47\xae\xbb\x6f\xb7\x1e\x91\x38\x64\x09",
];

/// `order - s`, in place and with the highest byte first.
fn negate(s: &mut [u8], order: &[u8]) {
    let mut borrow = 0;
    for (s, n) in s.iter_mut().zip(order).rev() {
        let difference = i16::from(*n) - i16::from(*s) - borrow;
        borrow = i16::from(difference < 0);
        *s = difference.rem_euclid(256) as u8;
    }
}
