//! A ring that is always the same, and the only tokens that were ever signed with it.
//!
//! They are files, not made at the start: a corpus outlives the process that found it, and must
//! not bring back a token that an earlier one has signed. `cargo run --example genuine` makes them
//! anew, which is needed when claims change.

use rescind_core::{
    clock::UnixTime,
    installation_key::InstallationKey,
    signing::{Algorithm, KeyId, KeyRing, SigningKey, WrappedKey},
};

/// The installation key that wraps the keys of the ring.
pub const INSTALLATION_KEY: &str =
    "72657363696e642066757a7a207461726765743a2061206b6e6f776e206b6579";

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
    let keys = Algorithm::ALL.iter().zip(KEYS).map(|(algorithm, key)| {
        let (kid, sealed) = key.split_first_chunk().expect("a name and a key");
        let wrapped = WrappedKey {
            kid: KeyId::from_bytes(*kid),
            algorithm: *algorithm,
            created_at: UnixTime::from_second(0),
            sealed: sealed.to_vec(),
        };
        SigningKey::open(&wrapped, &installation_key).expect("a key of the ring")
    });
    KeyRing::new(keys.collect(), Algorithm::Es256).expect("there is a key for ES256")
}
