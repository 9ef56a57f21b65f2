//! The keys that a store holds, wrapped.

use deadpool_postgres::Client;
use rescind_core::{
    data_keys::WrappedDataKeys,
    signing::{KeyId, WrappedKey},
};

use super::{one, some};
use crate::{
    Seq,
    postgres::{error::Failure, row::bigint},
};

/// Founds the installation.
pub(super) async fn create(client: &Client, keys: &WrappedDataKeys) -> Result<(), Failure> {
    let sql = "INSERT INTO installation (id, fingerprint, data_keys) VALUES (1, $1, $2)";
    one(client, sql, &[&keys.fingerprint.as_slice(), &keys.sealed]).await
}

/// Puts the data keys, wrapped anew, in the place of what was there.
pub(super) async fn replace(client: &Client, keys: &WrappedDataKeys) -> Result<(), Failure> {
    let sql = "UPDATE installation SET fingerprint = $1, data_keys = $2";
    one(client, sql, &[&keys.fingerprint.as_slice(), &keys.sealed]).await
}

pub(super) async fn add(client: &Client, seq: Seq, key: &WrappedKey) -> Result<(), Failure> {
    let info = key.info;
    one(
        client,
        "INSERT INTO signing_keys (kid, algorithm, created_at, signs_from, sealed, seq)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            &info.kid.as_bytes().as_slice(),
            &info.algorithm.as_str(),
            &info.created_at.as_second(),
            &info.signs_from.as_second(),
            &key.sealed,
            &bigint(seq.0),
        ],
    )
    .await
}

/// Replaces what is sealed of a key, which is the same as before.
pub(super) async fn reseal(client: &Client, key: &WrappedKey) -> Result<(), Failure> {
    let sql = "UPDATE signing_keys SET sealed = $2 WHERE kid = $1";
    one(client, sql, &[&key.info.kid.as_bytes().as_slice(), &key.sealed]).await
}

/// Another server may have come first.
pub(super) async fn remove(client: &Client, kid: KeyId) -> Result<(), Failure> {
    let sql = "DELETE FROM signing_keys WHERE kid = $1";
    some(client, sql, &[&kid.as_bytes().as_slice()]).await?;
    Ok(())
}
