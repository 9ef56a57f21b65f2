//! The nonces of Digest challenges: they say themselves when they were issued and that we issued
//! them, so that a flood of challenges costs no memory (RFC 7616 section 3.3).

use std::fmt;

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    clock::UnixTime,
    random::{self, Random},
};

/// How long a nonce can be used, in seconds.
pub const LIFE_SECONDS: i64 = 300;

/// A nonce that we issued, without the proof of that. Nonces sort by their age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nonce {
    issued_at: UnixTime,
    chance: [u8; 8],
}

const MESSAGE: usize = 8 + 8;
const MAC: usize = 16;

impl Nonce {
    /// When it was issued.
    #[must_use]
    pub const fn issued_at(self) -> UnixTime {
        self.issued_at
    }

    /// Whether it can be used at `now`. Not if it is of a time to come: then the clock was set
    /// back, and it would live for longer than it should.
    #[must_use]
    pub fn is_live(self, now: UnixTime) -> bool {
        self.issued_at <= now && now < self.issued_at.plus_seconds(LIFE_SECONDS)
    }

    fn message(self) -> [u8; MESSAGE] {
        let mut message = [0; MESSAGE];
        message[..8].copy_from_slice(&self.issued_at.as_second().to_be_bytes());
        message[8..].copy_from_slice(&self.chance);
        message
    }
}

/// What nonces are issued and recognized with.
///
/// It is made afresh by every run. Which nonces were used is remembered in memory; were those of an
/// earlier run known to this one, they could be used twice.
pub struct NonceKey(hmac::Key);

impl NonceKey {
    /// A new key.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, &random::bytes::<32>(random)))
    }

    /// A new nonce, as its text: time, chance, and 128 bits of HMAC-SHA-256 of both.
    #[must_use]
    pub fn issue(&self, now: UnixTime, random: &dyn Random) -> String {
        let nonce = Nonce { issued_at: now, chance: random::bytes(random) };
        let message = nonce.message();
        let mac = hmac::sign(&self.0, &message);
        URL_SAFE_NO_PAD.encode([&message, &mac.as_ref()[..MAC]].concat())
    }

    /// The nonce that `text` is, if this key issued it.
    #[must_use]
    pub fn recognize(&self, text: &str) -> Option<Nonce> {
        let mut bytes = [0; MESSAGE + MAC];
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        let (message, mac) = bytes.split_first_chunk::<MESSAGE>()?;
        let expected = hmac::sign(&self.0, message);
        aws_lc_rs::constant_time::verify_slices_are_equal(mac, &expected.as_ref()[..MAC]).ok()?;
        let (issued_at, chance) = message.split_first_chunk()?;
        let nonce = Nonce {
            issued_at: UnixTime::from_second(i64::from_be_bytes(*issued_at)),
            chance: chance.try_into().ok()?,
        };
        (length == bytes.len()).then_some(nonce)
    }
}

impl fmt::Debug for NonceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NonceKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    const NOW: UnixTime = UnixTime::from_second(1_740_819_600);

    #[test]
    fn a_nonce_is_recognized_by_who_issued_it_only() {
        let key = NonceKey::generate(&SystemRandom);
        let text = key.issue(NOW, &SystemRandom);
        assert_eq!(key.recognize(&text).unwrap().issued_at(), NOW);
        assert_eq!(NonceKey::generate(&SystemRandom).recognize(&text), None);
        let altered = |at: usize| {
            let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
            [&text[..at], other, &text[at + 1..]].concat()
        };
        for at in 0..text.len() {
            assert_eq!(key.recognize(&altered(at)), None, "altered at {at}");
        }
        for row in
            ["", "A", &text[1..], &text[..text.len() - 1], &*format!("{text}="), &*text.repeat(9)]
        {
            assert_eq!(key.recognize(row), None, "{row}");
        }
    }

    #[test]
    fn no_two_nonces_are_one() {
        let key = NonceKey::generate(&SystemRandom);
        let [one, other] = [0, 1].map(|_| key.issue(NOW, &SystemRandom));
        assert_ne!(key.recognize(&one), key.recognize(&other));
    }

    #[test]
    fn a_nonce_lives_for_five_minutes() {
        let key = NonceKey::generate(&SystemRandom);
        let nonce = key.recognize(&key.issue(NOW, &SystemRandom)).unwrap();
        let rows = [(-1, false), (0, true), (299, true), (300, false), (i64::MAX, false)];
        for (after, expected) in rows {
            assert_eq!(nonce.is_live(NOW.plus_seconds(after)), expected, "after {after} s");
        }
    }
}
