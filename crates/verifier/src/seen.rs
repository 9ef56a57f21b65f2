//! Tokens that were verified here: to look one up again costs a hash and a comparison.
//!
//! The whole text is compared, so that no other one can pass for it. Two generations: when the
//! newer one is full, the older one is dropped and what is used moves over. Nothing is counted or
//! sorted on the way of a request.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use arc_swap::ArcSwap;

type Generation<T> = papaya::HashMap<Box<str>, Arc<T>>;

/// What is known of each token.
pub(crate) struct Seen<T> {
    newer: ArcSwap<Generation<T>>,
    older: ArcSwap<Generation<T>>,
    in_newer: AtomicUsize,
    capacity: usize,
}

impl<T> Seen<T> {
    /// A memory of up to `capacity` tokens.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            newer: ArcSwap::default(),
            older: ArcSwap::default(),
            in_newer: AtomicUsize::new(0),
            capacity: capacity.max(2),
        }
    }

    /// What is known of `token`, whose text it is to the last letter.
    pub(crate) fn get(&self, token: &str) -> Option<Arc<T>> {
        if let Some(found) = self.newer.load().pin().get(token) {
            return Some(Arc::clone(found));
        }
        let found = self.older.load().pin().get(token).cloned()?;
        self.insert(token, Arc::clone(&found));
        Some(found)
    }

    /// Remembers `token`.
    pub(crate) fn insert(&self, token: &str, known: Arc<T>) {
        let newer = self.newer.load();
        if newer.pin().insert(token.into(), known).is_none()
            && self.in_newer.fetch_add(1, Ordering::Relaxed) + 1 == self.capacity / 2
        {
            self.in_newer.store(0, Ordering::Relaxed);
            self.older.store(self.newer.swap(Arc::default()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_remembers_what_is_used_and_no_more_than_it_may() {
        let seen = Seen::new(100);
        seen.insert("kept", Arc::new(0));
        for number in 1..1000_u32 {
            seen.insert(&number.to_string(), Arc::new(number));
            assert_eq!(seen.get("kept").as_deref(), Some(&0), "{number}");
        }
        let held = (1..1000).filter(|number: &u32| seen.get(&number.to_string()).is_some()).count();
        assert!(held <= 100, "{held}");
        assert_eq!(seen.get("999").as_deref(), Some(&999));
        assert_eq!(seen.get("kep"), None);
    }
}
