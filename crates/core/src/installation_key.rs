//! The one secret that lives outside the store (docs/design.md, "Keys").

use std::{fmt, str::FromStr};

use aws_lc_rs::hmac;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    random::{self, Random},
    sealed,
};

/// 32 random bytes, which wrap the keys that the contents of the store are closed with
/// ([`DataKeys`](crate::data_keys::DataKeys)).
///
/// # Examples
///
/// ```
/// # use rescind_core::{installation_key::InstallationKey, random::SystemRandom};
/// let key = InstallationKey::generate(&SystemRandom);
/// let same: InstallationKey = key.expose_hex().parse()?;
/// assert_eq!(same.fingerprint(), key.fingerprint());
/// assert_eq!(format!("{key:?}"), "InstallationKey(..)");
/// # Ok::<(), rescind_core::installation_key::ParseInstallationKeyError>(())
/// ```
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct InstallationKey([u8; 32]);

/// A text that is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an installation key is 64 hexadecimal digits")]
pub struct ParseInstallationKeyError;

impl InstallationKey {
    /// A new key.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        Self(random::bytes(random))
    }

    /// The key as 64 hexadecimal digits, for its file.
    #[must_use]
    pub fn expose_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.0))
    }

    /// Eight bytes that tell two keys apart and tell nothing of either. The store keeps them, so
    /// that the wrong key is recognised before anything is done with it.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 8] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &*self.derive("rescind key fingerprint 1"));
        let mut fingerprint = [0; 8];
        fingerprint.copy_from_slice(&hmac::sign(&key, b"").as_ref()[..8]);
        fingerprint
    }

    /// A key of its own for one `purpose` (HKDF-SHA-256, RFC 5869).
    pub(crate) fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        sealed::derive(&self.0, purpose)
    }
}

impl FromStr for InstallationKey {
    type Err = ParseInstallationKeyError;

    fn from_str(text: &str) -> Result<Self, ParseInstallationKeyError> {
        let mut key = Self([0; 32]);
        hex::decode_to_slice(text.trim(), &mut key.0).map_err(|_| ParseInstallationKeyError)?;
        Ok(key)
    }
}

impl fmt::Debug for InstallationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InstallationKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn a_key_is_64_digits() {
        for row in ["", "00", "zz", &"0".repeat(63), &"0".repeat(66), &"g".repeat(64)] {
            assert!(row.parse::<InstallationKey>().is_err(), "row: {row}");
        }
        assert!(format!("{}\n", "0".repeat(64)).parse::<InstallationKey>().is_ok());
    }
}
