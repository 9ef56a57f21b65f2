//! The keys that the contents of a store are closed with. They lie in the store themselves, wrapped
//! under the installation key, so that another installation key can take its place and nothing
//! else changes (docs/design.md, "Why is there a key outside the store?").

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    installation_key::InstallationKey,
    random::{self, Random},
    sealed,
};

pub use crate::sealed::UnwrapError;

/// What the wrapped keys are bound to.
const NAME: &[u8] = b"data keys";

/// Two random keys: they live as long as the installation, and never change.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct DataKeys {
    /// Wraps, and has every other key derived from it but one.
    root: [u8; 32],
    /// Hashes client secrets. It is not derived: an installation that is older than the data keys
    /// has hashed its secrets already.
    hashing: [u8; 32],
}

/// The data keys as the store keeps them.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedDataKeys {
    /// Of the installation key that wrapped them.
    pub fingerprint: [u8; 8],
    /// Both keys, sealed.
    pub sealed: Vec<u8>,
}

impl fmt::Debug for WrappedDataKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WrappedDataKeys(..)")
    }
}

impl DataKeys {
    /// New keys.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        Self { root: random::bytes(random), hashing: random::bytes(random) }
    }

    /// The keys of an installation whose secrets were hashed under a key derived from its
    /// installation key.
    pub(crate) fn adopt(installation_key: &InstallationKey, random: &dyn Random) -> Self {
        let hashing = *installation_key.derive("rescind client secret hash 1");
        Self { root: random::bytes(random), hashing }
    }

    /// The keys for the store.
    #[must_use]
    pub fn wrap_under(&self, key: &InstallationKey, random: &dyn Random) -> WrappedDataKeys {
        let both = Zeroizing::new([self.root, self.hashing].concat());
        let sealed = sealed::wrap(&wrapping(key), NAME, &both, random);
        WrappedDataKeys { fingerprint: key.fingerprint(), sealed }
    }

    /// The keys that [`Self::wrap_under`] wrapped.
    ///
    /// # Errors
    ///
    /// [`UnwrapError`] when `key` is another one, or they are damaged.
    pub fn unwrap_with(
        key: &InstallationKey,
        wrapped: &WrappedDataKeys,
    ) -> Result<Self, UnwrapError> {
        let both = sealed::unwrap(&wrapping(key), NAME, &wrapped.sealed)?;
        let mut keys = Self { root: [0; 32], hashing: [0; 32] };
        let ([root, hashing], []): (&[[u8; 32]], _) = both.as_chunks() else {
            return Err(UnwrapError);
        };
        keys.root.copy_from_slice(root);
        keys.hashing.copy_from_slice(hashing);
        Ok(keys)
    }

    /// The key that hashes client secrets.
    pub(crate) fn hashing(&self) -> &[u8; 32] {
        &self.hashing
    }

    /// Wraps `secret` for the store, bound to `name`.
    #[must_use]
    pub(crate) fn wrap(&self, name: &[u8], secret: &[u8], random: &dyn Random) -> Vec<u8> {
        sealed::wrap(&self.derive("rescind wrap 1"), name, secret, random)
    }

    /// What [`Self::wrap`] wrapped under the same `name`.
    pub(crate) fn unwrap(
        &self,
        name: &[u8],
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, UnwrapError> {
        sealed::unwrap(&self.derive("rescind wrap 1"), name, wrapped)
    }

    /// A key of its own for one `purpose`.
    pub(crate) fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        sealed::derive(&self.root, purpose)
    }
}

/// What an installation key wraps with.
fn wrapping(key: &InstallationKey) -> Zeroizing<[u8; 32]> {
    key.derive("rescind data keys wrap 1")
}

impl fmt::Debug for DataKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKeys(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn another_installation_key_can_take_the_place_of_the_one_before() {
        let [old, new] = [0, 1].map(|_| InstallationKey::generate(&SystemRandom));
        let keys = DataKeys::generate(&SystemRandom);
        let thing = keys.wrap(b"name", b"secret", &SystemRandom);

        let wrapped = keys.wrap_under(&old, &SystemRandom);
        let wrapped = DataKeys::unwrap_with(&old, &wrapped).unwrap();
        let wrapped = wrapped.wrap_under(&new, &SystemRandom);
        assert_eq!(wrapped.fingerprint, new.fingerprint());
        assert_eq!(DataKeys::unwrap_with(&old, &wrapped).unwrap_err(), UnwrapError);
        let same = DataKeys::unwrap_with(&new, &wrapped).unwrap();
        assert_eq!(same.unwrap(b"name", &thing).unwrap().as_slice(), b"secret");
        assert_eq!(same.hashing(), keys.hashing());
    }

    #[test]
    fn damaged_keys_do_not_open() {
        let key = InstallationKey::generate(&SystemRandom);
        let wrapped = DataKeys::generate(&SystemRandom).wrap_under(&key, &SystemRandom);
        for at in 0..wrapped.sealed.len() {
            let mut damaged = wrapped.clone();
            damaged.sealed[at] ^= 1;
            assert_eq!(DataKeys::unwrap_with(&key, &damaged).unwrap_err(), UnwrapError, "{at}");
        }
        let sealed = sealed::wrap(&wrapping(&key), NAME, &[0; 63], &SystemRandom);
        let short = WrappedDataKeys { sealed, ..wrapped };
        assert_eq!(DataKeys::unwrap_with(&key, &short).unwrap_err(), UnwrapError);
    }

    #[test]
    fn keys_show_nothing_in_debug() {
        let keys = DataKeys::generate(&SystemRandom);
        assert_eq!(format!("{keys:?}"), "DataKeys(..)");
        let wrapped = keys.wrap_under(&InstallationKey::generate(&SystemRandom), &SystemRandom);
        assert_eq!(format!("{wrapped:?}"), "WrappedDataKeys(..)");
    }
}
