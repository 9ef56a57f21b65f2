//! A ring that is always the same, and the only tokens that were ever signed with it.
//!
//! They are files, not made at the start: a corpus outlives the process that found it, and must
//! not bring back a token that an earlier one has signed. `cargo run --example genuine` makes them
//! anew, which is needed when claims change.

use std::sync::Arc;

use rescind_core::{
    clock::UnixTime,
    data_keys::{DataKeys, WrappedDataKeys},
    installation_key::InstallationKey,
    key_ring::KeyRing,
    signing::{Algorithm, KeyId, KeyInfo, SigningKey, WrappedKey},
};

/// The installation key that wraps the data keys.
pub const INSTALLATION_KEY: &str =
    "72657363696e642066757a7a207461726765743a2061206b6e6f776e206b6579";

/// The data keys, which wrap the keys of the ring.
const DATA_KEYS: &[u8] = include_bytes!("../genuine/data.keys");

/// The keys, in the order of [`Algorithm::ALL`].
const KEYS: [&[u8]; 4] = [
    include_bytes!("../genuine/ES256.key"),
    include_bytes!("../genuine/ES384.key"),
    include_bytes!("../genuine/ES512.key"),
    include_bytes!("../genuine/EdDSA.key"),
];

/// A token of each key, in the same order.
pub const TOKENS: [&str; 4] = [
    include_str!("../genuine/ES256.token"),
    include_str!("../genuine/ES384.token"),
    include_str!("../genuine/ES512.token"),
    include_str!("../genuine/EdDSA.token"),
];

/// The ring.
///
/// # Panics
///
/// When the files are not those that the example has made.
#[must_use]
pub fn ring() -> KeyRing {
    let installation_key: InstallationKey = INSTALLATION_KEY.parse().expect("64 digits");
    let fingerprint = installation_key.fingerprint();
    let data_keys = WrappedDataKeys { fingerprint, sealed: DATA_KEYS.to_vec() };
    let data_keys = DataKeys::unwrap_with(&installation_key, &data_keys).expect("the data keys");
    let start = UnixTime::from_second(0);
    // The last of a ring signs: that of ES256.
    let keys = Algorithm::ALL.iter().zip(KEYS).map(|(algorithm, key)| {
        let (kid, sealed) = key.split_first_chunk().expect("a name and a key");
        let (kid, algorithm) = (KeyId::from_bytes(*kid), *algorithm);
        let info = KeyInfo { kid, algorithm, created_at: start, signs_from: start };
        let wrapped = WrappedKey { info, sealed: sealed.to_vec() };
        Arc::new(SigningKey::open(&wrapped, &data_keys).expect("a key of the ring"))
    });
    KeyRing::new(keys.rev().collect()).expect("there are keys")
}
