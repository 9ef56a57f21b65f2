//! Programmatic API keys of an organization: a public key to be known by, and a private key that
//! proves it by HTTP Digest (service-accounts-api.md, first lines).

use std::{fmt, str::FromStr};

use enumset::EnumSet;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{
    access_list::AccessList,
    authorization::Rights,
    clock::UnixTime,
    digest::WrappedHa1s,
    id::{ApiKeyId, OrgId},
    random::{self, Random},
    role::OrgRole,
};

/// The most API keys of one organization (conventions.md 6).
pub const MAX_API_KEYS: usize = 500;

/// An API key as the management API shows it.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// The organization that it belongs to.
    pub org_id: OrgId,
    /// The name that it logs in with.
    pub public_key: PublicKey,
    /// What it is for.
    pub description: String,
    /// When it was created.
    pub created_at: UnixTime,
    /// Its roles in the organization.
    pub roles: EnumSet<OrgRole>,
    /// The last twelve characters of the private key, for the mask.
    pub last_twelve: String,
    /// What is kept of the private key.
    pub credentials: WrappedHa1s,
}

/// What every request needs to know of an API key; small, since all are held in memory.
#[derive(Clone, Debug)]
pub struct ApiKeyPrincipal {
    /// Its id.
    pub id: ApiKeyId,
    /// The name that it logs in with.
    pub public_key: PublicKey,
    /// What it may do, and where.
    pub rights: Rights,
    /// What it is proved with.
    pub credentials: WrappedHa1s,
    /// From where it may be used; most have none.
    pub access_list: Option<Box<AccessList>>,
}

/// A text that is no public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a public key is eight letters from a to z")]
pub struct ParsePublicKeyError;

/// The name that an API key logs in with: eight letters from `a` to `z`, known to everybody.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 8]);

impl PublicKey {
    /// A new one. There are 26^8, so whoever makes one looks whether it is taken.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        Self(std::array::from_fn(|_| {
            loop {
                let [byte] = random::bytes(random);
                // 234 is nine times 26: above it, some letters would come up more often.
                if byte < 234 {
                    break b'a' + byte % 26;
                }
            }
        }))
    }

    /// The letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Letters are text; there is nothing else in it.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for PublicKey {
    type Err = ParsePublicKeyError;

    fn from_str(text: &str) -> Result<Self, ParsePublicKeyError> {
        let letters: [u8; 8] = text.as_bytes().try_into().map_err(|_| ParsePublicKeyError)?;
        if letters.iter().all(u8::is_ascii_lowercase) {
            Ok(Self(letters))
        } else {
            Err(ParsePublicKeyError)
        }
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A private key in the clear. It exists from its making to the one answer that shows it.
///
/// # Examples
///
/// ```
/// # use rescind_core::{api_key::PrivateKey, random::SystemRandom};
/// let key = PrivateKey::generate(&SystemRandom);
/// assert_eq!(key.expose().len(), 36);
/// assert_eq!(format!("{key:?}"), "PrivateKey(..)");
/// ```
#[derive(Clone, Zeroize, ZeroizeOnDrop)] // no `PartialEq`: it stops at the first difference
pub struct PrivateKey(String);

impl PrivateKey {
    /// A new one: a UUID of version 4, which has 122 random bits.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        let mut bits = random::bytes(random);
        let uuid = uuid::Builder::from_random_bytes(bits).into_uuid();
        bits.zeroize();
        Self(uuid.to_string())
    }

    /// The key itself, for the one answer that shows it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The last twelve characters, all that is kept in the clear.
    #[must_use]
    pub fn last_twelve(&self) -> &str {
        &self.0[self.0.len() - 12..]
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(..)")
    }
}

/// What a private key is shown as after its making.
///
/// # Examples
///
/// ```
/// let masked = rescind_core::api_key::masked("db2c132ca78d");
/// assert_eq!(masked, "********-****-****-db2c132ca78d");
/// ```
#[must_use]
pub fn masked(last_twelve: &str) -> String {
    format!("********-****-****-{last_twelve}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn a_public_key_is_eight_letters() {
        let key = PublicKey::generate(&SystemRandom);
        assert_eq!(key.to_string().parse(), Ok(key));
        for row in ["", "abcdefg", "abcdefghi", "Abcdefgh", "abcdefg1", "abcdefg ", "äbcdefg"] {
            assert_eq!(row.parse::<PublicKey>(), Err(ParsePublicKeyError), "row: {row}");
        }
    }

    /// Each letter would be missing from 200 keys once in 10^26 runs.
    #[test]
    fn every_letter_can_stand_in_a_public_key() {
        let keys: String =
            (0..200).map(|_| PublicKey::generate(&SystemRandom).to_string()).collect();
        assert!(('a'..='z').all(|letter| keys.contains(letter)));
    }

    #[test]
    fn a_private_key_is_a_random_uuid() {
        let key = PrivateKey::generate(&SystemRandom);
        let uuid: uuid::Uuid = key.expose().parse().unwrap();
        assert_eq!(uuid.get_version(), Some(uuid::Version::Random));
        assert_eq!(uuid.get_variant(), uuid::Variant::RFC4122);
        assert_eq!(uuid.to_string(), key.expose());
        assert!(key.expose().ends_with(key.last_twelve()));
        assert_eq!(key.last_twelve().len(), 12);
        assert_ne!(PrivateKey::generate(&SystemRandom).expose(), key.expose());
    }
}
