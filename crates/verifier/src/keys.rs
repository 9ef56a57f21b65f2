//! The keys of the authority (RFC 7517), and what they have signed.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rescind_core::{public_key::PublicKey, signing::KeyId};
use serde::{Deserialize, de::DeserializeOwned};

/// The longest text that is looked at, in bytes: that of a list whose bits are as good as random,
/// 128 KiB which do not become fewer, written in base64 twice.
pub(crate) const MAX_LENGTH: usize = 256 * 1024;

/// The public keys that are known.
#[derive(Debug, Default)]
pub(crate) struct Keys(Vec<PublicKey>);

#[derive(Deserialize)]
struct Header<'a> {
    alg: &'a str,
    kid: &'a str,
    typ: Option<&'a str>,
}

/// A key set as it is fetched. Keys of a kind that is not ours are passed over.
#[derive(Deserialize)]
pub(crate) struct KeySet {
    keys: Vec<serde_json::Value>,
}

impl From<KeySet> for Keys {
    fn from(set: KeySet) -> Self {
        let keys = set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok());
        Self(keys.collect())
    }
}

/// Why a text could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsigned {
    /// It names a key that is not known: perhaps a new one.
    UnknownKey,
    /// Nobody has signed this.
    Invalid,
}

impl Keys {
    /// Whether a key is one of these.
    pub(crate) fn holds(&self, kid: KeyId) -> bool {
        self.0.iter().any(|key| key.kid() == kid)
    }

    /// What a compact JWS of this `typ` says, and which of these keys has signed it.
    pub(crate) fn read<T: DeserializeOwned>(
        &self,
        text: &str,
        typ: &str,
    ) -> Result<(KeyId, T), Unsigned> {
        if text.len() > MAX_LENGTH {
            return Err(Unsigned::Invalid);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(Unsigned::Invalid)?;
        let (header, payload) = signed.split_once('.').ok_or(Unsigned::Invalid)?;
        let header = decode(header)?;
        let header: Header<'_> = serde_json::from_slice(&header).map_err(|_| Unsigned::Invalid)?;
        if header.typ != Some(typ) {
            return Err(Unsigned::Invalid);
        }
        let kid: KeyId = header.kid.parse().map_err(|_| Unsigned::Invalid)?;
        let key = self.0.iter().find(|key| key.kid() == kid).ok_or(Unsigned::UnknownKey)?;
        // The key says how it signs; what the text says of it is only compared.
        let genuine = key.algorithm().as_str() == header.alg
            && key.verifies(signed.as_bytes(), &decode(signature)?);
        if !genuine {
            return Err(Unsigned::Invalid);
        }
        let says = serde_json::from_slice(&decode(payload)?).map_err(|_| Unsigned::Invalid)?;
        Ok((kid, says))
    }
}

fn decode(part: &str) -> Result<Vec<u8>, Unsigned> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Unsigned::Invalid)
}
