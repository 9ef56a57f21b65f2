//! The keys that a store holds, wrapped.

use rescind_core::{
    data_keys::WrappedDataKeys,
    signing::{KeyId, WrappedKey},
};
use rusqlite::{Connection, params};

use super::one;
use crate::{Seq, sqlite::error::Failure};

/// Founds the installation.
pub(super) fn create(connection: &Connection, keys: &WrappedDataKeys) -> Result<(), Failure> {
    let sql = "INSERT INTO installation (id, fingerprint, data_keys) VALUES (1, ?1, ?2)";
    one(connection, sql, params![keys.fingerprint, keys.sealed])
}

/// Puts the data keys, wrapped anew, in the place of what was there.
pub(super) fn replace(connection: &Connection, keys: &WrappedDataKeys) -> Result<(), Failure> {
    let sql = "UPDATE installation SET fingerprint = ?1, data_keys = ?2";
    one(connection, sql, params![keys.fingerprint, keys.sealed])
}

pub(super) fn add(connection: &Connection, seq: Seq, key: &WrappedKey) -> Result<(), Failure> {
    let info = key.info;
    one(
        connection,
        "INSERT INTO signing_keys (kid, algorithm, created_at, signs_from, sealed, seq)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            info.kid.as_bytes(),
            info.algorithm.as_str(),
            info.created_at.as_second(),
            info.signs_from.as_second(),
            key.sealed,
            seq.0,
        ],
    )
}

/// Replaces what is sealed of a key, which is the same as before.
pub(super) fn reseal(connection: &Connection, key: &WrappedKey) -> Result<(), Failure> {
    let sql = "UPDATE signing_keys SET sealed = ?2 WHERE kid = ?1";
    one(connection, sql, params![key.info.kid.as_bytes(), key.sealed])
}

/// Another server may have come first.
pub(super) fn remove(connection: &Connection, kid: KeyId) -> Result<(), Failure> {
    connection
        .prepare_cached("DELETE FROM signing_keys WHERE kid = ?1")?
        .execute([kid.as_bytes()])?;
    Ok(())
}
