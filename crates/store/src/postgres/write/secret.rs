//! The secrets of service accounts.

use deadpool_postgres::Client;
use rescind_core::{
    account::Secret,
    clock::UnixTime,
    id::{ClientId, SecretId},
};

use super::{one, revocation, some};
use crate::postgres::error::Failure;

pub(super) async fn add(
    client: &Client,
    client_id: ClientId,
    secret: &Secret,
) -> Result<(), Failure> {
    one(
        client,
        "INSERT INTO secrets
             (client_id, created_at, id, hash, expires_at, last_used_at, last_four)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            &client_id.as_bytes().as_slice(),
            &secret.created_at.as_second(),
            &secret.id.as_bytes().as_slice(),
            &secret.hash.as_bytes().as_slice(),
            &secret.expires_at.as_second(),
            &secret.last_used_at.map(UnixTime::as_second),
            &secret.last_four,
        ],
    )
    .await
}

/// Lets all secrets of an account expire by `latest`; those that expire earlier still do.
pub(super) async fn expire(
    client: &Client,
    client_id: ClientId,
    latest: UnixTime,
) -> Result<(), Failure> {
    let sql = "UPDATE secrets SET expires_at = $2 WHERE client_id = $1 AND expires_at > $2";
    some(client, sql, &[&client_id.as_bytes().as_slice(), &latest.as_second()]).await?;
    Ok(())
}

/// The blocks stay, all bits set, until the tokens in them have expired.
pub(super) async fn delete(
    client: &Client,
    client_id: ClientId,
    secret_id: SecretId,
) -> Result<(), Failure> {
    revocation::revoke_secret(client, client_id, secret_id).await?;
    let sql = "DELETE FROM secrets WHERE client_id = $1 AND id = $2";
    let ids = [client_id.as_bytes().as_slice(), secret_id.as_bytes().as_slice()];
    one(client, sql, &[&ids[0], &ids[1]]).await
}
