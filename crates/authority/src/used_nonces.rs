//! What Digest nonces were used for, so that no response is taken twice.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rescind_core::{clock::UnixTime, nonce::Nonce};

/// The nonces that right responses came under and that are still live.
#[derive(Debug, Default)]
pub(crate) struct UsedNonces(Mutex<Used>);

#[derive(Debug, Default)]
struct Used {
    /// By their age, the oldest first.
    windows: BTreeMap<Nonce, Window>,
    /// When the youngest was issued that has been forgotten. Nothing that old is taken, even if
    /// the clock was set back since, and it would be live again.
    forgotten: Option<UnixTime>,
}

/// Which requests were made under a nonce: the highest count, and which of the 64 up to it, since
/// requests that are under way together may come in any order. Older ones count as made.
#[derive(Clone, Copy, Debug, Default)]
struct Window {
    highest: u32,
    /// Bit n stands for the count that is n below the highest.
    made: u64,
}

impl UsedNonces {
    /// Takes a nonce for the request of this number, or altogether if requests have none (RFC
    /// 2069). Whether it could be had.
    pub(crate) fn take(&self, nonce: Nonce, count: Option<u32>) -> bool {
        let mut used = self.locked();
        if used.forgotten.is_some_and(|forgotten| nonce.issued_at() <= forgotten) {
            return false;
        }
        let window = used.windows.entry(nonce).or_default();
        match count {
            Some(count) => window.take(count),
            None => window.take_all(),
        }
    }

    /// Forgets the nonces that are not live any more at `now`.
    pub(crate) fn forget_dead(&self, now: UnixTime) {
        let mut used = self.locked();
        while let Some(oldest) = used.windows.first_entry() {
            let nonce = *oldest.key();
            if nonce.is_live(now) || nonce.issued_at() > now {
                return;
            }
            oldest.remove();
            used.forgotten = Some(nonce.issued_at());
        }
    }

    fn locked(&self) -> MutexGuard<'_, Used> {
        // A panic while it was held would have left nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Window {
    fn take(&mut self, count: u32) -> bool {
        if self.made == 0 || count > self.highest {
            let passed = count.saturating_sub(self.highest);
            self.made = self.made.checked_shl(passed).unwrap_or(0) | 1;
            self.highest = count;
            return true;
        }
        let bit = 1_u64.checked_shl(self.highest - count).unwrap_or(0);
        let free = bit & !self.made;
        self.made |= bit;
        free != 0
    }

    fn take_all(&mut self) -> bool {
        let free = self.made == 0;
        *self = Self { highest: u32::MAX, made: u64::MAX };
        free
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;
    use rescind_core::{nonce::NonceKey, random::SystemRandom};

    use super::*;

    const NOW: UnixTime = UnixTime::from_second(1_740_819_600);

    fn nonce(issued_at: UnixTime) -> Nonce {
        let key = NonceKey::generate(&SystemRandom);
        key.recognize(&key.issue(issued_at, &SystemRandom)).unwrap()
    }

    #[test]
    fn requests_come_in_any_order_within_a_window_and_each_once() {
        let used = UsedNonces::default();
        let nonce = nonce(NOW);
        #[rustfmt::skip]
        let rows = [
            ("the first",            Some(1),        true),
            ("the first again",      Some(1),        false),
            ("a later one",          Some(70),       true),
            ("one that it overtook", Some(7),        true),
            ("that one again",       Some(7),        false),
            ("one too far behind",   Some(6),        false),
            ("the last there is",    Some(u32::MAX), true),
            ("all before it",        Some(70),       false),
            ("none in particular",   None,           false),
        ];
        for (row, count, expected) in rows {
            assert_eq!(used.take(nonce, count), expected, "row: {row}");
        }
    }

    #[test]
    fn a_nonce_without_counts_is_taken_once() {
        let used = UsedNonces::default();
        let (one, other) = (nonce(NOW), nonce(NOW));
        assert!(used.take(one, None));
        assert!(!used.take(one, None));
        for count in [0, 1, u32::MAX] {
            assert!(!used.take(one, Some(count)));
        }
        assert!(used.take(other, None));
    }

    #[test]
    fn dead_nonces_take_no_memory_and_are_not_taken_again() {
        let used = UsedNonces::default();
        let (old, young) = (nonce(NOW), nonce(NOW.plus_seconds(1)));
        assert!(used.take(old, Some(1)) && used.take(young, Some(1)));
        used.forget_dead(NOW.plus_seconds(299));
        assert_eq!(used.locked().windows.len(), 2);
        used.forget_dead(NOW.plus_seconds(300));
        assert_eq!(used.locked().windows.len(), 1);
        // Were the clock set back, its issue would be recent.
        assert!(!used.take(old, Some(2)));
        assert!(used.take(young, Some(2)));
        // Nor does a clock that is set back make it forget what is of a time to come.
        used.forget_dead(NOW.plus_seconds(-1000));
        assert!(!used.take(young, Some(2)));
    }

    proptest! {
        #[test]
        fn no_count_is_taken_twice(counts in prop::collection::vec(0_u32..200, 0..300)) {
            let (used, nonce) = (UsedNonces::default(), nonce(NOW));
            let (mut taken, mut highest) = (HashSet::new(), None);
            for count in counts {
                let expected = !taken.contains(&count)
                    && highest.is_none_or(|highest: u32| highest.saturating_sub(count) < 64);
                prop_assert_eq!(used.take(nonce, Some(count)), expected);
                taken.insert(count);
                highest = highest.max(Some(count));
            }
        }
    }
}
