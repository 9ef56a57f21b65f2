//! Tokens whose signature is known to be good.
//!
//! To verify a signature costs more than all else in a request, and gives the same answer each
//! time. So a token that was signed or verified here is remembered by 128 bits of its digest: a
//! text is the same token or it is not, and one that was altered anywhere is looked at afresh.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::digest::{Context, SHA256};
use rescind_core::random::Random;

/// Places among which one token is looked for.
const WAYS: usize = 4;

/// How many tokens are remembered: 2^20 of 16 bytes, 16 MiB when full. More of them push out
/// others, which are then verified once more when they are next seen.
const SETS: usize = (1 << 20) / WAYS;

/// What a token is remembered by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint([u64; 2]);

/// A fixed table, in sets of [`WAYS`]. Readers and writers share it without a lock: a half-written
/// place matches nothing but a text whose digest has just these halves.
pub(crate) struct GenuineTokens {
    /// Makes the place of a token unforeseeable, so that nobody can crowd others out of it.
    salt: [u8; 32],
    halves: Box<[AtomicU64]>,
}

impl GenuineTokens {
    /// A memory of no token. The system gives it pages as they are written.
    pub(crate) fn new(random: &dyn Random) -> Self {
        let mut salt = [0; 32];
        random.fill(&mut salt);
        Self { salt, halves: bytemuck::zeroed_slice_box(SETS * WAYS * 2) }
    }

    /// What `token` is remembered by.
    pub(crate) fn fingerprint(&self, token: &str) -> Fingerprint {
        let mut context = Context::new(&SHA256);
        context.update(&self.salt);
        context.update(token.as_bytes());
        let digest = context.finish();
        let half = |at: usize| {
            let mut half = [0; 8];
            half.copy_from_slice(&digest.as_ref()[at..at + 8]);
            u64::from_le_bytes(half)
        };
        Fingerprint([half(0), half(8)])
    }

    /// Whether the token was verified, or signed, here.
    pub(crate) fn contains(&self, fingerprint: Fingerprint) -> bool {
        self.set(fingerprint).any(|place| Self::read(place) == fingerprint)
    }

    /// Remembers a token that was just verified, or signed.
    pub(crate) fn insert(&self, fingerprint: Fingerprint) {
        let Fingerprint([first, second]) = fingerprint;
        let empty = self.set(fingerprint).find(|place| Self::read(place) == Fingerprint([0, 0]));
        let pushed_out = || self.set(fingerprint).nth(place_in(WAYS, second));
        if let Some([first_half, second_half]) = empty.or_else(pushed_out) {
            first_half.store(first, Ordering::Relaxed);
            second_half.store(second, Ordering::Relaxed);
        }
    }

    fn set(&self, Fingerprint([first, _]): Fingerprint) -> impl Iterator<Item = &[AtomicU64; 2]> {
        let set = place_in(SETS, first);
        self.halves[set * WAYS * 2..(set + 1) * WAYS * 2].as_chunks().0.iter()
    }

    fn read([first, second]: &[AtomicU64; 2]) -> Fingerprint {
        Fingerprint([first.load(Ordering::Relaxed), second.load(Ordering::Relaxed)])
    }
}

/// Which of `places` a half of a digest points at.
fn place_in(places: usize, half: u64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the low bits are as random as all of them"
    )]
    let half = half as usize;
    half % places
}

#[cfg(test)]
mod tests {
    use rescind_core::random::SystemRandom;

    use super::*;

    #[test]
    fn only_the_very_text_is_remembered() {
        let genuine = GenuineTokens::new(&SystemRandom);
        genuine.insert(genuine.fingerprint("a.b.c"));
        assert!(genuine.contains(genuine.fingerprint("a.b.c")));
        for other in ["a.b.d", "a.b.c ", "a.b.", ""] {
            assert!(!genuine.contains(genuine.fingerprint(other)), "{other}");
        }
    }

    #[test]
    fn more_tokens_than_places_push_out_some_and_break_nothing() {
        let genuine = GenuineTokens::new(&SystemRandom);
        let place = |n: u64| Fingerprint([7, n]);
        (1..=5).for_each(|n| genuine.insert(place(n)));
        assert!(genuine.contains(place(5)));
        assert_eq!((1..=5).filter(|n| genuine.contains(place(*n))).count(), WAYS);
    }
}
