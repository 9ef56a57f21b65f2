//! Public keys, for those who verify elsewhere what a [`SigningKey`](crate::signing::SigningKey)
//! has signed (RFC 7517, RFC 7518 section 6, RFC 8037).

use std::fmt;

use aws_lc_rs::signature::ParsedPublicKey;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

use crate::{
    low_s,
    signing::{Algorithm, KeyId},
};

/// A JWK that is no key of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a public key of a kind that signs tokens")]
pub struct NoPublicKey;

/// A key that verifies signatures.
///
/// # Examples
///
/// ```
/// # use rescind_core::public_key::PublicKey;
/// let key: PublicKey = serde_json::from_str(
///     r#"{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"sig",
///         "kid":"6fa459ea-ee8a-4ca4-894e-db77e160355e",
///         "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
/// )?;
/// assert!(!key.verifies(b"message", &[0; 64]));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Deserialize)]
#[serde(try_from = "ReadJwk")]
pub struct PublicKey {
    kid: KeyId,
    algorithm: Algorithm,
    public: ParsedPublicKey,
}

/// What is read of a JWK; members that are not ours are ignored (RFC 7517 section 4).
#[derive(Deserialize)]
struct ReadJwk {
    kid: KeyId,
    alg: String,
    x: String,
    y: Option<String>,
}

impl TryFrom<ReadJwk> for PublicKey {
    type Error = NoPublicKey;

    fn try_from(jwk: ReadJwk) -> Result<Self, NoPublicKey> {
        let algorithm: Algorithm = jwk.alg.parse().map_err(|_| NoPublicKey)?;
        let coordinate = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| NoPublicKey);
        let bytes = match (algorithm, &jwk.y) {
            (Algorithm::EdDsa, None) => coordinate(&jwk.x)?,
            (Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512, Some(y)) => {
                // 0x04: both coordinates follow (SEC 1, 2.3.3).
                [vec![4], coordinate(&jwk.x)?, coordinate(y)?].concat()
            }
            (Algorithm::EdDsa, Some(_))
            | (Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512, None) => {
                return Err(NoPublicKey);
            }
        };
        Self::new(jwk.kid, algorithm, &bytes)
    }
}

impl PublicKey {
    /// The key that the library writes as `bytes`: an uncompressed point, or those of Ed25519.
    pub(crate) fn new(kid: KeyId, algorithm: Algorithm, bytes: &[u8]) -> Result<Self, NoPublicKey> {
        let public = ParsedPublicKey::new(algorithm.verification(), bytes);
        Ok(Self { kid, algorithm, public: public.map_err(|_| NoPublicKey)? })
    }

    /// Its name.
    #[must_use]
    pub fn kid(&self) -> KeyId {
        self.kid
    }

    /// What it verifies.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether `signature` is that of `message`, as JOSE writes it, and of the two that hold the
    /// one that is issued.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        low_s::order(self.algorithm).is_none_or(|order| low_s::is_low(order, signature))
            && self.public.verify_sig(message, signature).is_ok()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({}, {})", self.kid, self.algorithm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::UnixTime, data_keys::DataKeys, random::SystemRandom, signing::SigningKey};

    fn key(algorithm: Algorithm) -> SigningKey {
        let data_keys = DataKeys::generate(&SystemRandom);
        let now = UnixTime::from_second(0);
        let wrapped = SigningKey::generate(algorithm, &data_keys, now, now, &SystemRandom);
        SigningKey::open(&wrapped, &data_keys).unwrap()
    }

    #[test]
    fn what_a_key_signs_its_public_half_verifies() {
        for algorithm in Algorithm::ALL {
            let key = key(algorithm);
            let jwk = serde_json::to_string(&key.jwk()).unwrap();
            let public: PublicKey = serde_json::from_str(&jwk).unwrap();
            assert_eq!((public.kid(), public.algorithm()), (key.info().kid, algorithm));
            let mut signature = key.sign(b"message");
            assert!(public.verifies(b"message", &signature), "{algorithm}");
            assert!(!public.verifies(b"another", &signature), "{algorithm}");
            signature[7] ^= 1;
            assert!(!public.verifies(b"message", &signature), "{algorithm}");
        }
    }

    #[test]
    fn what_is_no_key_of_ours_is_refused() {
        let rows = [
            r#"{"kid":"6fa459ea-ee8a-4ca4-894e-db77e160355e","alg":"RS256","x":"AA"}"#,
            r#"{"kid":"6fa459ea-ee8a-4ca4-894e-db77e160355e","alg":"none","x":"AA"}"#,
            r#"{"kid":"6fa459ea-ee8a-4ca4-894e-db77e160355e","alg":"ES256","x":"AA"}"#,
            r#"{"kid":"6fa459ea-ee8a-4ca4-894e-db77e160355e","alg":"ES256","x":"AA","y":"AA"}"#,
            r#"{"kid":"6fa459ea-ee8a-4ca4-894e-db77e160355e","alg":"EdDSA","x":"AA"}"#,
            r#"{"kid":"6fa459ea-ee8a-4ca4-894e-db77e160355e","alg":"EdDSA","x":"="}"#,
            r#"{"kid":"x","alg":"EdDSA","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
        ];
        for row in rows {
            assert!(serde_json::from_str::<PublicKey>(row).is_err(), "{row}");
        }
    }
}
