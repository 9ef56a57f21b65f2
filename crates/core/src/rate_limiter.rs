//! Counts requests by who makes them, in a memory that does not grow.
//!
//! A window begins with the first request of a key and lasts as long as the rate says; then the
//! key has all of its requests again. The keys come from strangers, so there may be more of them
//! than there are places: what is forgotten then is what matters least.

use std::{
    fmt,
    hash::{BuildHasher as _, Hash, RandomState},
    sync::{Mutex, PoisonError},
};

use crate::{clock::UnixTime, rate::Rate};

/// Places among which one key is looked for.
const WAYS: usize = 8;

/// Parts of the table that are locked by themselves, each for as long as one set is looked at.
const SHARDS: usize = 64;

/// Sets of a shard: 2^20 places of 16 bytes in all, 16 MiB when all of them were used.
const SETS: usize = (1 << 20) / WAYS / SHARDS;

/// What a key has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// How often it may ask.
    pub rate: Rate,
    /// How many more requests the window has room for.
    pub remaining: u32,
    /// When the window ends, in seconds from now.
    pub resets_in: u32,
}

/// A key has used up its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("limited to {} requests every {} minutes", .rate.requests, .rate.minutes)]
pub struct Exceeded {
    /// How often it may ask.
    pub rate: Rate,
    /// When the window ends, in seconds from now. Whoever waits that long gets through.
    pub retry_after: u32,
}

/// Counts requests by key.
///
/// When the places of a key are all taken, it takes the place of one whose window is over, else of
/// the one with the fewest requests. So a flood of keys that ask once pushes out its own, and
/// whoever has used up its window stays refused.
pub struct RateLimiter {
    rate: Rate,
    /// Keyed by chance, so that nobody can choose keys that meet in one set.
    hasher: RandomState,
    shards: Box<[Mutex<Box<[Place]>>]>,
}

/// The hash of a key, and its [`Window`].
type Place = [u64; 2];

/// Seconds are counted modulo 2^32. Only their differences mean something.
#[derive(Clone, Copy, Default)]
struct Window {
    ends_at: u32,
    used: u32,
}

impl Window {
    const fn from_bits(bits: u64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "two halves")]
        Self { ends_at: (bits >> 32) as u32, used: bits as u32 }
    }

    const fn to_bits(self) -> u64 {
        (self.ends_at as u64) << 32 | self.used as u64
    }

    /// How much of it is left; zero if it is over. One that lasts longer than the rate says began
    /// before the clock was set back, and is over too.
    const fn seconds_left(self, now: u32, length: u32) -> u32 {
        let left = self.ends_at.wrapping_sub(now);
        if left > length { 0 } else { left }
    }
}

impl RateLimiter {
    /// Nobody has asked yet. The system gives it memory page by page, as it is used.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self::with_sets(rate, SETS)
    }

    fn with_sets(rate: Rate, sets: usize) -> Self {
        let shard = || Mutex::new(bytemuck::zeroed_slice_box(sets * WAYS));
        Self {
            rate,
            hasher: RandomState::new(),
            shards: std::iter::repeat_with(shard).take(SHARDS).collect(),
        }
    }

    /// Counts a request of `key`, and says whether there is room for it. One that is refused is
    /// not counted.
    ///
    /// # Errors
    ///
    /// [`Exceeded`] when the window of the key is used up.
    pub fn admit(&self, key: &impl Hash, now: UnixTime) -> Result<Allowance, Exceeded> {
        let rate = self.rate;
        let length = rate.window_seconds();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "modulo 2^32")]
        let now = now.as_second() as u32;
        let hash = self.hasher.hash_one(key);
        #[expect(clippy::cast_possible_truncation, reason = "any bits of a hash will do")]
        let (shard, set) = ((hash >> 32) as usize % SHARDS, hash as usize);
        // A panic while it was held would have left a count that is off by one.
        let mut shard = self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner);
        let (sets, _) = shard.as_chunks_mut::<WAYS>();
        let set = set % sets.len();
        let place = place_of(&mut sets[set], hash, now, length);

        let mut window = Window::from_bits(place[1]);
        if place[0] != hash || window.seconds_left(now, length) == 0 {
            window = Window { ends_at: now.wrapping_add(length), used: 0 };
        }
        let seconds_left = window.seconds_left(now, length);
        if window.used >= rate.requests.get() {
            return Err(Exceeded { rate, retry_after: seconds_left });
        }
        window.used += 1;
        *place = [hash, window.to_bits()];
        let remaining = rate.requests.get() - window.used;
        Ok(Allowance { rate, remaining, resets_in: seconds_left })
    }
}

/// The place that a key has in its set, or else may take.
fn place_of(set: &mut [Place; WAYS], hash: u64, now: u32, length: u32) -> &mut Place {
    let worth = |place: &Place| {
        let window = Window::from_bits(place[1]);
        match window.seconds_left(now, length) {
            0 => (0, 0),
            left => (window.used, left),
        }
    };
    let known = set.iter().position(|place| place[0] == hash);
    let least = || (0..WAYS).min_by_key(|at| worth(&set[*at])).unwrap_or_default();
    &mut set[known.unwrap_or_else(least)]
}

impl fmt::Debug for RateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimiter").field("rate", &self.rate).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn rate(text: &str) -> Rate {
        text.parse().unwrap()
    }

    fn at(second: i64) -> UnixTime {
        UnixTime::from_second(second)
    }

    #[test]
    fn a_window_lasts_as_long_as_the_rate_says_and_then_all_of_it_is_back() {
        let rate = rate("2/3m");
        let limiter = RateLimiter::new(rate);
        let (allowed, refused) = (
            |remaining, resets_in| Ok(Allowance { rate, remaining, resets_in }),
            |retry_after| Err(Exceeded { rate, retry_after }),
        );
        #[rustfmt::skip]
        let rows = [
            (1_000, allowed(1, 180)),
            (1_059, allowed(0, 121)),
            (1_060, refused(120)),
            (1_179, refused(1)),
            (1_180, allowed(1, 180)),
            (1_180, allowed(0, 180)),
            (1_180, refused(180)),
        ];
        for (second, expected) in rows {
            assert_eq!(limiter.admit(&"me", at(second)), expected, "at {second}");
        }
    }

    #[test]
    fn keys_are_counted_apart() {
        let limiter = RateLimiter::new(rate("1/1m"));
        for key in 0..1000 {
            assert!(limiter.admit(&key, at(0)).is_ok(), "{key}");
            assert!(limiter.admit(&key, at(0)).is_err(), "{key}");
        }
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let limiter = RateLimiter::new(rate("1/1m"));
        assert!(limiter.admit(&"me", at(1_000_000)).is_ok());
        assert!(limiter.admit(&"me", at(500)).is_ok());
        assert_eq!(
            limiter.admit(&"me", at(499)).map_err(|e| e.retry_after),
            Ok(limiter.admit(&"you", at(499)).unwrap())
        );
    }

    #[test]
    fn a_flood_of_keys_does_not_make_it_forget_who_has_used_up_its_window() {
        let limiter = RateLimiter::with_sets(rate("3/1m"), 1); // 512 places
        (0..3).for_each(|_| assert!(limiter.admit(&"guesser", at(0)).is_ok()));
        for key in 0..100_000 {
            assert!(limiter.admit(&key, at(1)).is_ok(), "a newcomer is never refused");
        }
        assert_eq!(limiter.admit(&"guesser", at(59)).map_err(|e| e.retry_after), Err(1));
    }

    #[test]
    fn keys_whose_window_is_over_make_room_first() {
        let limiter = RateLimiter::with_sets(rate("3/1m"), 1);
        for key in 0..10_000 {
            (0..3).for_each(|_| assert!(limiter.admit(&key, at(0)).is_ok()));
        }
        (0..2).for_each(|_| assert!(limiter.admit(&"me", at(60)).is_ok()));
        for key in 10_000..10_256 {
            assert!(limiter.admit(&key, at(61)).is_ok());
        }
        assert_eq!(limiter.admit(&"me", at(62)).map(|allowance| allowance.remaining), Ok(0));
    }

    #[test]
    fn threads_that_share_a_key_share_its_window() {
        let limiter = RateLimiter::new(rate("1000/1m"));
        let admitted: usize = std::thread::scope(|scope| {
            let ask = || (0..1000).filter(|_| limiter.admit(&"me", at(0)).is_ok()).count();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(admitted, 1000);
    }

    proptest! {
        /// Whatever the order of keys and times, also of a clock that is set back.
        #[test]
        fn never_more_than_the_rate_in_a_window_and_whoever_waits_gets_through(
            requests in 1_u32..5,
            minutes in 1_u16..4,
            start in prop_oneof![Just(0), Just(i64::from(u32::MAX) - 30), 0..i64::from(u32::MAX)],
            steps in prop::collection::vec((0_u8..4, -90_i64..90), 1..300),
        ) {
            let rate = rate(&format!("{requests}/{minutes}m"));
            let length = i64::from(rate.window_seconds());
            let limiter = RateLimiter::new(rate);
            let mut windows: HashMap<u8, (i64, u32)> = HashMap::new();
            let mut second = start;
            for (key, step) in steps {
                second += step;
                let window = windows.entry(key).or_insert((second, 0));
                if !(window.0 <= second && second < window.0 + length) {
                    *window = (second, 0);
                }
                match limiter.admit(&key, at(second)) {
                    Ok(allowance) => {
                        window.1 += 1;
                        prop_assert!(window.1 <= requests);
                        prop_assert_eq!(allowance.remaining, requests - window.1);
                    }
                    Err(Exceeded { retry_after, .. }) => {
                        prop_assert_eq!(window.1, requests, "refused with room left");
                        let wait = i64::from(retry_after);
                        prop_assert!((1..=length).contains(&wait));
                        prop_assert!(limiter.admit(&key, at(second + wait - 1)).is_err());
                        second += wait;
                        prop_assert!(limiter.admit(&key, at(second)).is_ok());
                        *window = (second, 1);
                    }
                }
            }
        }
    }
}
