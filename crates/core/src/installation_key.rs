//! The one secret that lives outside the store (docs/design.md, "Keys").

use std::{fmt, str::FromStr};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf, hmac,
};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::random::{self, Random};

/// 32 random bytes, from which the keys that hash secrets and wrap signing keys are derived.
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

/// What was wrapped under another key, or altered since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this was wrapped under another installation key, or is damaged")]
pub struct UnwrapError;

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
        let mut derived = Zeroizing::new([0; 32]);
        let info = [purpose.as_bytes()];
        #[expect(clippy::expect_used, reason = "HKDF fails beyond 8160 bytes; 32 are asked for")]
        hkdf::Salt::new(hkdf::HKDF_SHA256, b"rescind")
            .extract(&self.0)
            .expand(&info, hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut *derived))
            .expect("32 bytes can be derived");
        derived
    }

    /// Wraps `secret` with AES-256-GCM, bound to `name`. The nonce stands before the ciphertext.
    #[must_use]
    pub(crate) fn wrap(&self, name: &[u8], secret: &[u8], random: &dyn Random) -> Vec<u8> {
        let nonce = random::bytes::<NONCE_LEN>(random);
        let mut sealed = secret.to_vec();
        #[expect(clippy::expect_used, reason = "AES-GCM fails beyond 64 GiB; a key is 200 bytes")]
        self.wrapping_key()
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(name),
                &mut sealed,
            )
            .expect("a signing key is short");
        [nonce.as_slice(), &sealed].concat()
    }

    /// What [`Self::wrap`] wrapped under the same `name`.
    pub(crate) fn unwrap(
        &self,
        name: &[u8],
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, UnwrapError> {
        let (nonce, sealed) = wrapped.split_first_chunk().ok_or(UnwrapError)?;
        let mut secret = Zeroizing::new(sealed.to_vec());
        let length = self
            .wrapping_key()
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(name), &mut secret)
            .map_err(|_| UnwrapError)?
            .len();
        secret.truncate(length);
        Ok(secret)
    }

    fn wrapping_key(&self) -> LessSafeKey {
        #[expect(clippy::expect_used, reason = "the derived key has the length of AES-256")]
        LessSafeKey::new(
            UnboundKey::new(&AES_256_GCM, &*self.derive("rescind signing key wrap 1"))
                .expect("32 bytes are a key"),
        )
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
    use crate::random::SystemRandom;

    #[test]
    fn what_was_wrapped_opens_only_under_its_key_and_name() {
        let key = InstallationKey::generate(&SystemRandom);
        let wrapped = key.wrap(b"a", b"secret", &SystemRandom);
        assert_eq!(key.unwrap(b"a", &wrapped).unwrap().as_slice(), b"secret");
        assert_eq!(key.unwrap(b"b", &wrapped), Err(UnwrapError));
        assert_eq!(key.unwrap(b"a", &wrapped[..wrapped.len() - 1]), Err(UnwrapError));
        assert_eq!(key.unwrap(b"a", b""), Err(UnwrapError));
        let other = InstallationKey::generate(&SystemRandom);
        assert_eq!(other.unwrap(b"a", &wrapped), Err(UnwrapError));
    }

    #[test]
    fn a_key_is_64_digits() {
        for row in ["", "00", "zz", &"0".repeat(63), &"0".repeat(66), &"g".repeat(64)] {
            assert!(row.parse::<InstallationKey>().is_err(), "row: {row}");
        }
        assert!(format!("{}\n", "0".repeat(64)).parse::<InstallationKey>().is_ok());
    }
}
