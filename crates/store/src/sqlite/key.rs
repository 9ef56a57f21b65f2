//! The keys that a store holds, wrapped: the data keys, and those that sign.

use rescind_core::{
    data_keys::WrappedDataKeys,
    signing::{KeyId, KeyInfo, WrappedKey},
};
use rusqlite::{Connection, OptionalExtension as _};

use super::row;
use crate::InstallationLock;

pub(super) fn installation(connection: &Connection) -> rusqlite::Result<Option<InstallationLock>> {
    connection
        .prepare_cached("SELECT fingerprint, data_keys FROM installation")?
        .query_row([], |row| {
            let fingerprint = row.get(0)?;
            let sealed: Option<Vec<u8>> = row.get(1)?;
            let data_keys = sealed.map(|sealed| WrappedDataKeys { fingerprint, sealed });
            Ok(InstallationLock { fingerprint, data_keys })
        })
        .optional()
}

/// All signing keys, in the order in which they were added.
pub(super) fn signing_keys(connection: &Connection) -> rusqlite::Result<Vec<WrappedKey>> {
    connection
        .prepare_cached(
            "SELECT kid, algorithm, created_at, signs_from, sealed FROM signing_keys
             ORDER BY seq, created_at",
        )?
        .query_map([], |row| {
            let info = KeyInfo {
                kid: KeyId::from_bytes(row.get(0)?),
                algorithm: row::text(row, 1)?,
                created_at: row::time(row, 2)?,
                signs_from: row::time(row, 3)?,
            };
            Ok(WrappedKey { info, sealed: row.get(4)? })
        })?
        .collect()
}
