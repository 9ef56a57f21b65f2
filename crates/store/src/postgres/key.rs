//! The keys that a store holds, wrapped: the data keys, and those that sign.

use deadpool_postgres::GenericClient;
use rescind_core::{
    data_keys::WrappedDataKeys,
    signing::{KeyId, KeyInfo, WrappedKey},
};

use super::{error::Failure, row};
use crate::InstallationLock;

pub(super) async fn installation(
    client: &impl GenericClient,
) -> Result<Option<InstallationLock>, Failure> {
    let sql = "SELECT fingerprint, data_keys FROM installation";
    let locks = row::rows(client, sql, &[], |row| {
        let fingerprint = row::bytes(row, 0)?;
        let sealed: Option<Vec<u8>> = row::get(row, 1)?;
        let data_keys = sealed.map(|sealed| WrappedDataKeys { fingerprint, sealed });
        Ok(InstallationLock { fingerprint, data_keys })
    });
    Ok(locks.await?.pop())
}

/// All signing keys, in the order in which they were added.
pub(super) async fn signing_keys(client: &impl GenericClient) -> Result<Vec<WrappedKey>, Failure> {
    let sql = "SELECT kid, algorithm, created_at, signs_from, sealed FROM signing_keys
               ORDER BY seq, created_at";
    row::rows(client, sql, &[], |row| {
        let info = KeyInfo {
            kid: KeyId::from_bytes(row::bytes(row, 0)?),
            algorithm: row::text(row, 1)?,
            created_at: row::time(row, 2)?,
            signs_from: row::time(row, 3)?,
        };
        Ok(WrappedKey { info, sealed: row::get(row, 4)? })
    })
    .await
}
