//! The signing keys of an installation, and what each is for at a given time.
//!
//! Keys follow one another in the order in which they were made. A new one is published first, so
//! that whoever verifies elsewhere knows it when its first token comes; then it signs; when a newer
//! one does, it verifies the tokens that it has signed until the last of them has expired.

use std::sync::Arc;

use crate::{
    clock::UnixTime,
    signing::{KeyInfo, SigningKey},
    token::LIFETIME_SECONDS,
};

/// How long a new key is published before it signs, in seconds. We say that the set of keys may be
/// kept for five minutes (`max-age`), but some who verify keep it for longer, up to two hours (AWS
/// API Gateway), and do not ask again for a key that they do not know.
pub const PUBLISHED_AHEAD_SECONDS: i64 = 2 * 3600;

/// How long a key verifies after the last token that it has signed has expired, in seconds:
/// the clocks of several servers need not agree to the second about when that is.
const VERIFIES_BEYOND_SECONDS: i64 = 300;

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Nothing yet: it is published, and will sign.
    Published,
    /// It signs new tokens.
    Current,
    /// It verifies the tokens that it has signed.
    Retired {
        /// From when on there are none.
        until: UnixTime,
    },
}

/// What each of `keys` is for `now`. They are given in the order in which they were made.
///
/// The newest of those whose time has come signs. Before anybody's time has come, as when the
/// clock was set back, it is the oldest.
#[must_use]
pub fn states(keys: &[KeyInfo], now: UnixTime) -> Vec<KeyState> {
    let current = keys.iter().rposition(|key| key.signs_from <= now).unwrap_or(0);
    let state = |at: usize| {
        if at > current {
            return KeyState::Published;
        }
        // It signed until the time of any newer one came.
        let newer = keys[at + 1..=current].iter().map(|key| key.signs_from).min();
        newer.map_or(KeyState::Current, |retired_at| KeyState::Retired {
            until: retired_at.plus_seconds(LIFETIME_SECONDS + VERIFIES_BEYOND_SECONDS),
        })
    };
    (0..keys.len()).map(state).collect()
}

/// Every key whose tokens are taken for ours, in the order in which they were made; never empty.
#[derive(Clone, Debug)]
pub struct KeyRing(Vec<Arc<SigningKey>>);

impl KeyRing {
    /// A ring of `keys`, which are given in the order in which they were made; `None` if there is
    /// none.
    #[must_use]
    pub fn new(keys: Vec<Arc<SigningKey>>) -> Option<Self> {
        (!keys.is_empty()).then_some(Self(keys))
    }

    /// The key that signs new tokens `now`: the one that [`states`] calls current.
    #[must_use]
    pub fn current(&self, now: UnixTime) -> &SigningKey {
        let mut newest_first = self.0.iter().rev();
        newest_first.find(|key| key.info().signs_from <= now).unwrap_or(&self.0[0])
    }

    /// All keys, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<SigningKey>> {
        self.0.iter()
    }

    /// The key whose tokens begin with `header`.
    ///
    /// We wrote every token of ours ourselves, so its first part is one of a handful of known
    /// texts: nothing that a stranger puts there, `alg: none` least of all, is ever interpreted.
    pub(crate) fn by_header(&self, header: &str) -> Option<&SigningKey> {
        self.0.iter().map(Arc::as_ref).find(|key| key.header() == header)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::{KeyState::*, *};
    use crate::{
        data_keys::DataKeys, random::SystemRandom, signing::Algorithm, signing::SigningKey,
    };

    fn info(signs_from: i64) -> KeyInfo {
        KeyInfo {
            kid: Uuid::nil(),
            algorithm: Algorithm::Es256,
            created_at: UnixTime::from_second(0),
            signs_from: UnixTime::from_second(signs_from),
        }
    }

    fn states_at(signs_from: &[i64], now: i64) -> Vec<KeyState> {
        let keys: Vec<_> = signs_from.iter().map(|second| info(*second)).collect();
        states(&keys, UnixTime::from_second(now))
    }

    const fn until(second: i64) -> KeyState {
        Retired { until: UnixTime::from_second(second + 3600 + 300) }
    }

    #[test]
    fn a_key_is_published_then_signs_then_verifies() {
        #[rustfmt::skip]
        let rows: [(&str, &[i64], i64, &[KeyState]); 9] = [
            ("one key",                       &[10],         10, &[Current]),
            ("a second before its time",      &[10, 20],     19, &[Current, Published]),
            ("its time has come",             &[10, 20],     20, &[until(20), Current]),
            ("long after",                    &[10, 20],  9_999, &[until(20), Current]),
            ("the one after the next waits",  &[10, 20, 30], 25, &[until(20), Current, Published]),
            ("three in a row",                &[10, 20, 30], 30, &[until(20), until(30), Current]),
            // At once, while another one was published: that one never signs.
            ("a newer one overtakes",         &[10, 90, 20], 20, &[until(20), until(20), Current]),
            ("also when its time has come",   &[10, 90, 20], 90, &[until(20), until(20), Current]),
            ("a clock that was set back",     &[10, 20],      5, &[Current, Published]),
        ];
        for (row, signs_from, now, expected) in rows {
            assert_eq!(states_at(signs_from, now), expected, "row: {row}");
        }
    }

    fn key(signs_from: UnixTime) -> Arc<SigningKey> {
        let data_keys = DataKeys::generate(&SystemRandom);
        let wrapped = SigningKey::generate(
            Algorithm::EdDsa,
            &data_keys,
            UnixTime::from_second(0),
            signs_from,
            &SystemRandom,
        );
        Arc::new(SigningKey::open(&wrapped, &data_keys).unwrap())
    }

    #[test]
    fn there_is_no_ring_without_a_key() {
        assert!(KeyRing::new(Vec::new()).is_none());
    }

    proptest! {
        /// Whoever was the last to sign at any time still verifies an hour later.
        #[test]
        fn a_key_is_there_as_long_as_a_token_of_it(
            signs_from in prop::collection::vec(0_i64..20_000, 1..6),
            issued in 0_i64..20_000,
            later in 0_i64..3600,
        ) {
            let signer = states_at(&signs_from, issued).iter().position(|s| *s == Current).unwrap();
            match states_at(&signs_from, issued + later)[signer] {
                Published => prop_assert!(false, "it has signed already"),
                Current => {}
                Retired { until } => prop_assert!(issued + later < until.as_second()),
            }
        }

        #[test]
        fn one_key_is_current_and_the_ring_signs_with_it(
            signs_from in prop::collection::vec(0_i64..100, 1..6),
            now in -10_i64..110,
        ) {
            let now = UnixTime::from_second(now);
            let keys = signs_from.iter().map(|second| key(UnixTime::from_second(*second)));
            let ring = KeyRing::new(keys.collect()).unwrap();
            let infos: Vec<_> = ring.iter().map(|key| key.info()).collect();
            let states = states(&infos, now);
            let current: Vec<_> =
                infos.iter().zip(states).filter(|(_, state)| *state == Current).collect();
            prop_assert_eq!(current.len(), 1);
            prop_assert_eq!(ring.current(now).info(), *current[0].0);
        }
    }
}
