//! Public keys as others read them (RFC 7517, RFC 7518 section 6, RFC 8037).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;

use crate::signing::{Algorithm, KeyId};

/// A public signing key.
#[derive(Clone, Debug, Serialize)]
pub struct Jwk {
    kty: &'static str,
    crv: &'static str,
    x: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    kid: KeyId,
    #[serde(rename = "use")]
    usage: &'static str,
    alg: Algorithm,
}

impl Jwk {
    /// The key whose public half the library writes as `public`: an uncompressed point, or the
    /// bytes of Ed25519.
    pub(crate) fn new(kid: KeyId, algorithm: Algorithm, public: &[u8]) -> Self {
        let (kty, crv) = match algorithm {
            Algorithm::Es256 => ("EC", "P-256"),
            Algorithm::Es384 => ("EC", "P-384"),
            Algorithm::Es512 => ("EC", "P-521"),
            Algorithm::EdDsa => ("OKP", "Ed25519"),
        };
        let (x, y) = if kty == "EC" {
            let coordinates = &public[1..]; // after the 0x04 of "uncompressed" (SEC 1, 2.3.3)
            let (x, y) = coordinates.split_at(coordinates.len() / 2);
            (x, Some(URL_SAFE_NO_PAD.encode(y)))
        } else {
            (public, None)
        };
        Self { kty, crv, x: URL_SAFE_NO_PAD.encode(x), y, kid, usage: "sig", alg: algorithm }
    }
}
