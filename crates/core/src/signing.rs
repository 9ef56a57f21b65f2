//! The keys that sign tokens (RFC 7515, RFC 7518), and the ring of those that verify them.

use std::{fmt, str::FromStr};

use aws_lc_rs::{
    rand::SystemRandom as SignatureRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED,
        ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED, ECDSA_P521_SHA512_FIXED_SIGNING,
        ED25519, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _,
        VerificationAlgorithm,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, Serializer};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    clock::UnixTime,
    data_keys::{DataKeys, UnwrapError},
    jwk::Jwk,
    low_s,
    public_key::PublicKey,
    random::{self, Random},
};

/// How tokens are signed (RFC 7518 section 3.1, RFC 8037).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// ECDSA with P-256 and SHA-256: the fastest to sign that everybody can verify.
    #[default]
    Es256,
    /// ECDSA with P-384 and SHA-384.
    Es384,
    /// ECDSA with P-521 and SHA-512, as the samples of the contract are signed.
    Es512,
    /// Ed25519.
    EdDsa,
}

/// A text that names no algorithm of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a signing algorithm is one of ES256, ES384, ES512, EdDSA")]
pub struct ParseAlgorithmError;

impl Algorithm {
    /// Every algorithm that a token can be signed with.
    pub const ALL: [Self; 4] = [Self::Es256, Self::Es384, Self::Es512, Self::EdDsa];

    /// The `alg` of RFC 7515.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
        }
    }

    fn ecdsa(self) -> Option<&'static EcdsaSigningAlgorithm> {
        match self {
            Self::Es256 => Some(&ECDSA_P256_SHA256_FIXED_SIGNING),
            Self::Es384 => Some(&ECDSA_P384_SHA384_FIXED_SIGNING),
            Self::Es512 => Some(&ECDSA_P521_SHA512_FIXED_SIGNING),
            Self::EdDsa => None,
        }
    }

    pub(crate) fn verification(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::Es256 => &ECDSA_P256_SHA256_FIXED,
            Self::Es384 => &ECDSA_P384_SHA384_FIXED,
            Self::Es512 => &ECDSA_P521_SHA512_FIXED,
            Self::EdDsa => &ED25519,
        }
    }
}

impl FromStr for Algorithm {
    type Err = ParseAlgorithmError;

    fn from_str(text: &str) -> Result<Self, ParseAlgorithmError> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.as_str().eq_ignore_ascii_case(text))
            .ok_or(ParseAlgorithmError)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Algorithm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The `kid` of a key: a UUID (oauth-endpoints.md 6).
pub type KeyId = Uuid;

/// What everybody may know of a signing key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyInfo {
    /// Its name.
    pub kid: KeyId,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// When it was made.
    pub created_at: UnixTime,
    /// From when on it signs new tokens, unless a newer key does.
    pub signs_from: UnixTime,
}

/// A signing key as the store keeps it: wrapped under the data keys.
#[derive(Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// What is not secret; the wrapping is bound to its name.
    pub info: KeyInfo,
    /// The PKCS #8 document, sealed.
    pub sealed: Vec<u8>,
}

impl fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrappedKey({}, {}, ..)", self.info.kid, self.info.algorithm)
    }
}

/// Why the stored keys could not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenKeyError {
    /// The data keys are not those that wrapped it.
    #[error(transparent)]
    Unwrap(#[from] UnwrapError),
    /// The library refused what was unwrapped.
    #[error("a signing key in the store is not a key of its algorithm")]
    Rejected,
    /// There is none.
    #[error("the store has no signing key")]
    Missing,
}

enum KeyPair {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// A key that signs, with its public half.
pub struct SigningKey {
    info: KeyInfo,
    pair: KeyPair,
    public: PublicKey,
    /// The first part of every token that it signs, encoded.
    header: String,
}

impl SigningKey {
    /// A new key that signs from `signs_from` on, in the form to store.
    #[must_use]
    pub fn generate(
        algorithm: Algorithm,
        data_keys: &DataKeys,
        now: UnixTime,
        signs_from: UnixTime,
        random: &dyn Random,
    ) -> WrappedKey {
        let kid = uuid::Builder::from_random_bytes(random::bytes(random)).into_uuid();
        let document = match algorithm.ecdsa() {
            Some(ecdsa) => EcdsaKeyPair::generate(ecdsa).and_then(|pair| pair.to_pkcs8v1()),
            None => Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8v1()),
        };
        #[expect(clippy::expect_used, reason = "the library fails here only without memory")]
        let document = document.expect("a key pair can be generated");
        let sealed = data_keys.wrap(kid.as_bytes(), document.as_ref(), random);
        WrappedKey { info: KeyInfo { kid, algorithm, created_at: now, signs_from }, sealed }
    }

    /// The key that `wrapped` holds.
    ///
    /// # Errors
    ///
    /// [`OpenKeyError`] when the data keys are others, or the key is damaged.
    pub fn open(wrapped: &WrappedKey, data_keys: &DataKeys) -> Result<Self, OpenKeyError> {
        let info @ KeyInfo { kid, algorithm, .. } = wrapped.info;
        let pkcs8: Zeroizing<Vec<u8>> = data_keys.unwrap(kid.as_bytes(), &wrapped.sealed)?;
        let pair = match algorithm.ecdsa() {
            Some(ecdsa) => EcdsaKeyPair::from_pkcs8(ecdsa, &pkcs8).map(KeyPair::Ecdsa),
            None => Ed25519KeyPair::from_pkcs8(&pkcs8).map(KeyPair::Ed25519),
        }
        .map_err(|_| OpenKeyError::Rejected)?;
        let public = PublicKey::new(kid, algorithm, public_bytes(&pair))
            .map_err(|_| OpenKeyError::Rejected)?;
        let header = format!(r#"{{"alg":"{algorithm}","kid":"{kid}","typ":"JWT"}}"#);
        let header = URL_SAFE_NO_PAD.encode(header);
        Ok(Self { info, pair, public, header })
    }

    /// What everybody may know of it.
    #[must_use]
    pub fn info(&self) -> KeyInfo {
        self.info
    }

    /// The first part of every token that it signs.
    pub(crate) fn header(&self) -> &str {
        &self.header
    }

    /// The signature of `message`, as JOSE writes it.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signature = match &self.pair {
            #[expect(clippy::expect_used, reason = "the library fails here only without memory")]
            KeyPair::Ecdsa(pair) => {
                pair.sign(&SignatureRandom::new(), message).expect("a valid key signs")
            }
            KeyPair::Ed25519(pair) => pair.sign(message),
        };
        let mut signature = signature.as_ref().to_vec();
        if let Some(order) = low_s::order(self.info.algorithm) {
            low_s::lower(order, &mut signature);
        }
        signature
    }

    /// Whether `signature` is this key's, of `message`, and of the two that hold the one we make.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.public.verifies(message, signature)
    }

    /// Its public half, for whoever verifies elsewhere.
    #[must_use]
    pub fn jwk(&self) -> Jwk {
        Jwk::new(self.info.kid, self.info.algorithm, public_bytes(&self.pair))
    }
}

fn public_bytes(pair: &KeyPair) -> &[u8] {
    match pair {
        KeyPair::Ecdsa(pair) => pair.public_key().as_ref(),
        KeyPair::Ed25519(pair) => pair.public_key().as_ref(),
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, {}, ..)", self.info.kid, self.info.algorithm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    const NOW: UnixTime = UnixTime::from_second(1_740_819_600);

    fn key(algorithm: Algorithm) -> SigningKey {
        let data_keys = DataKeys::generate(&SystemRandom);
        let wrapped = SigningKey::generate(algorithm, &data_keys, NOW, NOW, &SystemRandom);
        SigningKey::open(&wrapped, &data_keys).unwrap()
    }

    #[test]
    fn a_signature_holds_for_its_message_and_key_only() {
        for algorithm in Algorithm::ALL {
            let (ours, other) = (key(algorithm), key(algorithm));
            let signature = ours.sign(b"message");
            assert!(ours.verifies(b"message", signature.as_ref()), "{algorithm}");
            assert!(!ours.verifies(b"massage", signature.as_ref()), "{algorithm}");
            assert!(!other.verifies(b"message", signature.as_ref()), "{algorithm}");
            assert!(!ours.verifies(b"message", &[]), "{algorithm}");
        }
    }

    #[test]
    fn a_key_opens_only_under_the_key_that_wrapped_it() {
        let [ours, other] = [0, 1].map(|_| DataKeys::generate(&SystemRandom));
        let wrapped = SigningKey::generate(Algorithm::Es256, &ours, NOW, NOW, &SystemRandom);
        assert!(SigningKey::open(&wrapped, &ours).is_ok());
        assert_eq!(
            SigningKey::open(&wrapped, &other).unwrap_err(),
            OpenKeyError::Unwrap(UnwrapError)
        );
        let info = KeyInfo { algorithm: Algorithm::EdDsa, ..wrapped.info };
        let swapped = WrappedKey { info, ..wrapped };
        assert_eq!(SigningKey::open(&swapped, &ours).unwrap_err(), OpenKeyError::Rejected);
    }

    #[test]
    fn a_key_shows_nothing_in_debug() {
        let key = key(Algorithm::Es256);
        assert_eq!(format!("{key:?}"), format!("SigningKey({}, ES256, ..)", key.info().kid));
    }
}
