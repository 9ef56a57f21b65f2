//! How one key wraps another: a key of its own for each purpose, and AES-256-GCM.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf,
};
use zeroize::Zeroizing;

use crate::random::{self, Random};

/// What was wrapped under another key, or altered since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this was wrapped under another key, or is damaged")]
pub struct UnwrapError;

/// A key of its own for one `purpose` (HKDF-SHA-256, RFC 5869).
pub(crate) fn derive(from: &[u8; 32], purpose: &str) -> Zeroizing<[u8; 32]> {
    let mut derived = Zeroizing::new([0; 32]);
    let info = [purpose.as_bytes()];
    #[expect(clippy::expect_used, reason = "HKDF fails beyond 8160 bytes; 32 are asked for")]
    hkdf::Salt::new(hkdf::HKDF_SHA256, b"rescind")
        .extract(from)
        .expand(&info, hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut *derived))
        .expect("32 bytes can be derived");
    derived
}

/// Wraps `secret` under `key`, bound to `name`. The nonce stands before the ciphertext.
pub(crate) fn wrap(key: &[u8; 32], name: &[u8], secret: &[u8], random: &dyn Random) -> Vec<u8> {
    let nonce = random::bytes::<NONCE_LEN>(random);
    // As long as it will be: a buffer that grows leaves its secret behind.
    let mut sealed = Vec::with_capacity(secret.len() + AES_256_GCM.tag_len());
    sealed.extend_from_slice(secret);
    #[expect(clippy::expect_used, reason = "AES-GCM fails beyond 64 GiB; a key is 200 bytes")]
    cipher(key)
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(name), &mut sealed)
        .expect("a key is short");
    [nonce.as_slice(), &sealed].concat()
}

/// What [`wrap`] wrapped under the same key and `name`.
pub(crate) fn unwrap(
    key: &[u8; 32],
    name: &[u8],
    wrapped: &[u8],
) -> Result<Zeroizing<Vec<u8>>, UnwrapError> {
    let (nonce, sealed) = wrapped.split_first_chunk().ok_or(UnwrapError)?;
    let mut secret = Zeroizing::new(sealed.to_vec());
    let length = cipher(key)
        .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(name), &mut secret)
        .map_err(|_| UnwrapError)?
        .len();
    secret.truncate(length);
    Ok(secret)
}

fn cipher(key: &[u8; 32]) -> LessSafeKey {
    #[expect(clippy::expect_used, reason = "it has the length of a key of AES-256")]
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("32 bytes are a key"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn what_was_wrapped_opens_only_under_its_key_and_name() {
        let key = [7; 32];
        let wrapped = wrap(&key, b"a", b"secret", &SystemRandom);
        assert_eq!(unwrap(&key, b"a", &wrapped).unwrap().as_slice(), b"secret");
        assert_eq!(unwrap(&key, b"b", &wrapped), Err(UnwrapError));
        assert_eq!(unwrap(&key, b"a", &wrapped[..wrapped.len() - 1]), Err(UnwrapError));
        assert_eq!(unwrap(&key, b"a", b""), Err(UnwrapError));
        assert_eq!(unwrap(&[8; 32], b"a", &wrapped), Err(UnwrapError));
    }

    #[test]
    fn each_purpose_has_a_key_of_its_own() {
        assert_ne!(derive(&[7; 32], "a"), derive(&[7; 32], "b"));
        assert_ne!(derive(&[7; 32], "a"), derive(&[8; 32], "a"));
    }
}
