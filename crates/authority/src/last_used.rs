//! When each secret last authenticated somebody: noted in memory, written in batches.

use rescind_core::{clock::UnixTime, id::SecretId};

/// Uses that are not yet in the store.
#[derive(Debug, Default)]
pub(crate) struct LastUsed(papaya::HashMap<SecretId, UnixTime>);

impl LastUsed {
    /// Notes a use.
    pub(crate) fn record(&self, secret_id: SecretId, now: UnixTime) {
        let uses = self.0.pin();
        // Most uses fall into a second that is noted already.
        if uses.get(&secret_id).is_none_or(|noted| *noted < now) {
            uses.insert(secret_id, now);
        }
    }

    /// All uses noted.
    pub(crate) fn noted(&self) -> Vec<(SecretId, UnixTime)> {
        self.0.pin().iter().map(|(id, at)| (*id, *at)).collect()
    }

    /// Forgets uses that are in the store now, unless there was a later one since.
    pub(crate) fn forget(&self, written: &[(SecretId, UnixTime)]) {
        let uses = self.0.pin();
        for (id, at) in written {
            let _: Result<_, _> = uses.remove_if(id, |_, noted| noted == at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_during_the_writing_is_not_forgotten() {
        let used = LastUsed::default();
        let id = SecretId::from_bytes([1; 12]);
        used.record(id, UnixTime::from_second(1));
        let written = used.noted();
        used.record(id, UnixTime::from_second(2));
        used.forget(&written);
        assert_eq!(used.noted(), [(id, UnixTime::from_second(2))]);
        used.forget(&used.noted());
        assert_eq!(used.noted(), []);
    }
}
