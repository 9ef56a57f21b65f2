//! The secrets of service accounts.

use rescind_core::{
    account::Secret,
    clock::UnixTime,
    id::{ClientId, SecretId},
};
use rusqlite::{Connection, params};

use super::{one, revocation};
use crate::sqlite::error::Failure;

pub(super) fn add(
    connection: &Connection,
    client_id: ClientId,
    secret: &Secret,
) -> Result<(), Failure> {
    one(
        connection,
        "INSERT INTO secrets VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            client_id.as_bytes(),
            secret.created_at.as_second(),
            secret.id.as_bytes(),
            secret.hash.as_bytes(),
            secret.expires_at.as_second(),
            secret.last_used_at.map(UnixTime::as_second),
            secret.last_four,
        ],
    )
}

/// Lets all secrets of an account expire by `latest`; those that expire earlier still do.
pub(super) fn expire(
    connection: &Connection,
    client_id: ClientId,
    latest: UnixTime,
) -> Result<(), Failure> {
    connection
        .prepare_cached(
            "UPDATE secrets SET expires_at = ?2 WHERE client_id = ?1 AND expires_at > ?2",
        )?
        .execute(params![client_id.as_bytes(), latest.as_second()])?;
    Ok(())
}

/// The blocks stay, all bits set, until the tokens in them have expired.
pub(super) fn delete(
    connection: &Connection,
    client_id: ClientId,
    secret_id: SecretId,
) -> Result<(), Failure> {
    revocation::revoke_secret(connection, client_id, secret_id)?;
    one(
        connection,
        "DELETE FROM secrets WHERE client_id = ?1 AND id = ?2",
        params![client_id.as_bytes(), secret_id.as_bytes()],
    )
}
