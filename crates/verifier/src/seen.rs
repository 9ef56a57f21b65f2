//! Tokens that were verified here: to look one up again costs a hash and a comparison.
//!
//! The whole text is compared, so that no other one can pass for it. Two generations: when the
//! newer one is full, the older one is dropped and what is used moves over. Nothing is counted or
//! sorted on the way of a request.

use std::sync::Arc;

use arc_swap::ArcSwap;

type Generation<T> = papaya::HashMap<Box<str>, Arc<T>>;

/// What is known of each token.
pub(crate) struct Seen<T> {
    newer: ArcSwap<Generation<T>>,
    older: ArcSwap<Generation<T>>,
    capacity: usize,
}

impl<T> Seen<T> {
    /// A memory of up to `capacity` tokens.
    pub(crate) fn new(capacity: usize) -> Self {
        Self { newer: ArcSwap::default(), older: ArcSwap::default(), capacity: capacity.max(2) }
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
        let held = newer.pin();
        held.insert(token.into(), known);
        if held.len() >= self.capacity / 2 {
            // One of those who have found it full makes room.
            let before = self.newer.compare_and_swap(&*newer, Arc::default());
            if Arc::ptr_eq(&before, &newer) {
                self.older.store(Arc::clone(&newer));
            }
        }
    }

    /// Forgets `token`.
    pub(crate) fn forget(&self, token: &str) {
        self.newer.load().pin().remove(token);
        self.older.load().pin().remove(token);
    }

    /// Forgets all tokens but those of which `keep` says so.
    pub(crate) fn retain(&self, keep: impl Fn(&T) -> bool) {
        self.newer.load().pin().retain(|_, known| keep(known));
        self.older.load().pin().retain(|_, known| keep(known));
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
    #[test]
    fn what_is_forgotten_is_not_held_by_either_generation() {
        let seen = Seen::new(10);
        let numbers = || (0..9_u32).map(|number| number.to_string());
        for number in numbers() {
            seen.insert(&number, Arc::new(number.clone()));
        }
        seen.forget("1");
        seen.forget("8");
        assert!(seen.get("1").is_none() && seen.get("8").is_none());
        seen.retain(|number| number == "2" || number == "7");
        let held: Vec<_> = numbers().filter(|number| seen.get(number).is_some()).collect();
        assert_eq!(held, ["2", "7"]);
        let (newer, older) = (seen.newer.load(), seen.older.load());
        assert!(newer.pin().len() + older.pin().len() <= 3, "one may have moved over");
    }
}
