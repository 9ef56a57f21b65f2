//! What is held of the authority, each under its name.
//!
//! The feed speaks to what is held here. What has left does not hear it, so it must never be taken
//! for what is kept fresh: *whatever leaves is stale before it is gone*, and there is one way out,
//! [`Places::let_go`]. Whoever has waited for something looks whether it is stale by then.

use std::{
    hash::Hash,
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

/// A place for something that is fetched.
pub(crate) struct Place<T> {
    content: T,
    /// The feed is not heard here any more, or has told that what is here has changed.
    stale: AtomicBool,
    /// When the last token expires that needed it.
    last_expiry: AtomicI64,
}

impl<T: Default> Default for Place<T> {
    fn default() -> Self {
        Self {
            content: T::default(),
            stale: AtomicBool::new(false),
            last_expiry: AtomicI64::new(i64::MIN),
        }
    }
}

impl<T> Place<T> {
    /// Whether it may lack something that the feed has told. It stays so for ever.
    pub(crate) fn is_stale(&self) -> bool {
        self.stale.load(Ordering::Acquire)
    }
}

impl<T> Deref for Place<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.content
    }
}

/// All places of a kind.
pub(crate) struct Places<K, T>(papaya::HashMap<K, Arc<Place<T>>>);

impl<K: Eq + Hash, T> Default for Places<K, T> {
    fn default() -> Self {
        Self(papaya::HashMap::new())
    }
}

impl<K: Copy + Eq + Hash, T: Default> Places<K, T> {
    /// The place `id`, perhaps still to be filled, for a token that expires at `second`.
    pub(crate) fn place(&self, id: K, second: i64) -> Arc<Place<T>> {
        let places = self.0.pin();
        loop {
            let place = places.get_or_insert_with(id, Arc::default);
            place.last_expiry.fetch_max(second, Ordering::Relaxed);
            if !place.is_stale() {
                return Arc::clone(place);
            }
            // Somebody is about to let go of it.
            self.let_go(id, place);
        }
    }

    /// Hands what is held under `id` to `tell`, if there is something.
    pub(crate) fn tell(&self, id: K, tell: impl FnOnce(&T)) {
        if let Some(place) = self.0.pin().get(&id) {
            tell(place);
        }
    }

    /// The one way out.
    pub(crate) fn let_go(&self, id: K, place: &Arc<Place<T>>) {
        place.stale.store(true, Ordering::Release);
        let _another_by_now = self.0.pin().remove_if(&id, |_, held| Arc::ptr_eq(held, place));
    }

    /// What is held under `id` has changed: it is fetched again when it is next needed.
    pub(crate) fn distrust(&self, id: K) {
        if let Some(place) = self.0.pin().get(&id) {
            self.let_go(id, place);
        }
    }

    /// All may have changed. A place that is made meanwhile may stay: see `Inner::heard`.
    pub(crate) fn distrust_all(&self) {
        for (id, place) in &self.0.pin() {
            self.let_go(*id, place);
        }
    }

    /// Lets go of what no token needs that lives at `second`, and says whether there was any.
    pub(crate) fn forget_expired(&self, second: i64) -> bool {
        let mut any = false;
        for (id, place) in &self.0.pin() {
            if place.last_expiry.load(Ordering::Relaxed) < second {
                self.let_go(*id, place);
                any = true;
            }
        }
        any
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::AtomicU32,
        thread::{scope, yield_now},
    };

    use super::*;

    type Held = Places<u32, AtomicU32>;

    type Leave = fn(&Held, &Arc<Place<AtomicU32>>);

    #[test]
    fn whatever_leaves_is_stale() {
        let ways: [(&str, Leave); 4] = [
            ("let_go", |held, place| held.let_go(1, place)),
            ("distrust", |held, _| held.distrust(1)),
            ("distrust_all", |held, _| held.distrust_all()),
            ("forget_expired", |held, _| assert!(held.forget_expired(101))),
        ];
        for (way, leave) in ways {
            let held = Held::default();
            let place = held.place(1, 100);
            assert!(!place.is_stale(), "{way}");
            leave(&held, &place);
            assert!(place.is_stale(), "{way}");
            assert!(!Arc::ptr_eq(&place, &held.place(1, 100)), "{way}");
        }
    }

    #[test]
    fn a_place_is_kept_until_its_last_token_has_expired() {
        let held = Held::default();
        let place = held.place(1, 100);
        held.place(1, 200);
        held.place(1, 150);
        assert!(!held.forget_expired(200));
        assert!(!place.is_stale());
        assert!(held.forget_expired(201));
        assert!(place.is_stale());
    }

    #[test]
    fn letting_go_of_what_has_left_spares_what_came_after_it() {
        let held = Held::default();
        let first = held.place(1, 100);
        held.distrust(1);
        let second = held.place(1, 100);
        held.let_go(1, &first);
        assert!(!second.is_stale());
        held.tell(1, |content| content.store(7, Ordering::Relaxed));
        assert_eq!(second.load(Ordering::Relaxed), 7);
    }

    /// Whatever is not stale hears what is told, while others make room and let go.
    #[test]
    fn nobody_holds_a_place_that_is_deaf() {
        const ROUNDS: u32 = 20_000;
        let held = Held::default();
        let told = AtomicU32::new(0);
        let done = AtomicBool::new(false);
        scope(|threads| {
            threads.spawn(|| {
                for round in 1..=ROUNDS {
                    held.tell(1, |content| content.store(round, Ordering::SeqCst));
                    told.store(round, Ordering::SeqCst);
                }
                done.store(true, Ordering::SeqCst);
            });
            for way in 0..3 {
                let held = &held;
                let done = &done;
                threads.spawn(move || {
                    while !done.load(Ordering::SeqCst) {
                        match way {
                            0 => held.distrust_all(),
                            1 => held.distrust(1),
                            _ => drop(held.forget_expired(101)),
                        }
                        yield_now();
                    }
                });
            }
            threads.spawn(|| {
                while !done.load(Ordering::SeqCst) {
                    let place = held.place(1, 100);
                    let since = told.load(Ordering::SeqCst);
                    for _ in 0..50 {
                        let told = told.load(Ordering::SeqCst);
                        let heard = place.load(Ordering::SeqCst);
                        // What was told before there was the place was for nobody.
                        assert!(place.is_stale() || told <= since + 1 || heard >= told);
                    }
                }
            });
        });
    }
}
