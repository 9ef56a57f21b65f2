//! Client secrets: shown once, kept only as a keyed hash.

use std::fmt;

use aws_lc_rs::{constant_time, hmac};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{
    data_keys::DataKeys,
    random::{self, Random},
};

/// What every secret begins with (service-accounts-api.md 2).
const PREFIX: &str = "mdb_sa_sk_";

/// A client secret in the clear. It exists from its making to the one answer that shows it.
///
/// # Examples
///
/// ```
/// # use rescind_core::{random::SystemRandom, secret::ClientSecret};
/// let secret = ClientSecret::generate(&SystemRandom);
/// assert_eq!(secret.expose().len(), "mdb_sa_sk_".len() + 40);
/// assert_eq!(format!("{secret:?}"), "ClientSecret(..)");
/// ```
#[derive(Clone, Zeroize, ZeroizeOnDrop)] // no `PartialEq`: it stops at the first difference
pub struct ClientSecret(String);

impl ClientSecret {
    /// A new secret: 240 random bits as 40 characters of `[A-Za-z0-9_-]`.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        let mut bits = random::bytes::<30>(random);
        let mut text = String::with_capacity(PREFIX.len() + 40);
        text.push_str(PREFIX);
        URL_SAFE_NO_PAD.encode_string(bits, &mut text);
        bits.zeroize();
        Self(text)
    }

    /// The secret itself, for the one answer that shows it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The last four characters, all that is kept in the clear.
    #[must_use]
    pub fn last_four(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(..)")
    }
}

/// What a secret is shown as ever after it was made: prefix, three dots, last four characters.
///
/// # Examples
///
/// ```
/// assert_eq!(rescind_core::secret::masked("6789"), "mdb_sa_sk_...6789");
/// ```
#[must_use]
pub fn masked(last_four: &str) -> String {
    format!("{PREFIX}...{last_four}")
}

/// A secret as it is stored: HMAC-SHA-256 under a key of the installation.
///
/// 240 random bits need no slow hash: they cannot be guessed, only stolen.
#[derive(Clone, Copy)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The hash that [`Self::as_bytes`] was taken from.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether both are the hash of one secret, in a time that tells nothing.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(..)")
    }
}

/// Hashes secrets under the key of this installation.
pub struct SecretHasher(hmac::Key);

impl SecretHasher {
    /// The hasher of the installation that `keys` belong to.
    #[must_use]
    pub fn new(keys: &DataKeys) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, keys.hashing()))
    }

    /// The hash of a secret as a client presents it; any text has one.
    #[must_use]
    pub fn hash(&self, presented: &str) -> SecretHash {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(hmac::sign(&self.0, presented.as_bytes()).as_ref());
        SecretHash(bytes)
    }
}

impl fmt::Debug for SecretHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHasher(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn only_the_very_secret_matches() {
        let hasher = SecretHasher::new(&DataKeys::generate(&SystemRandom));
        let secret = ClientSecret::generate(&SystemRandom);
        let stored = hasher.hash(secret.expose());
        assert!(stored.matches(&hasher.hash(secret.expose())));
        for wrong in ["", "mdb_sa_sk_", &secret.expose()[1..], &format!("{} ", secret.expose())] {
            assert!(!stored.matches(&hasher.hash(wrong)));
        }
    }

    #[test]
    fn another_installation_hashes_otherwise() {
        let [ours, theirs] = [0, 1].map(|_| SecretHasher::new(&DataKeys::generate(&SystemRandom)));
        assert!(!ours.hash("mdb_sa_sk_x").matches(&theirs.hash("mdb_sa_sk_x")));
    }

    #[test]
    fn a_secret_uses_the_alphabet_of_the_contract() {
        let secret = ClientSecret::generate(&SystemRandom);
        let tail = secret.expose().strip_prefix(PREFIX).unwrap();
        assert!(tail.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'));
        assert_eq!(tail.len(), 40);
        assert!(tail.ends_with(secret.last_four()));
    }
}
