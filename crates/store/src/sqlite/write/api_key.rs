//! API keys.

use enumset::EnumSet;
use rescind_core::{api_key::ApiKey, digest::WrappedHa1s, id::ApiKeyId, role::OrgRole};
use rusqlite::{Connection, params};

use super::one;
use crate::{sqlite::error::Failure, stored::role_names};

pub(super) fn create(connection: &Connection, key: &ApiKey) -> Result<(), Failure> {
    one(
        connection,
        "INSERT INTO api_keys
             (id, org_id, public_key, roles, credentials, created_at, last_twelve, description)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            key.id.as_bytes(),
            key.org_id.as_bytes(),
            key.public_key.as_str(),
            role_names(key.roles),
            key.credentials.as_bytes(),
            key.created_at.as_second(),
            key.last_twelve,
            key.description,
        ],
    )
}

pub(super) fn describe(
    connection: &Connection,
    id: ApiKeyId,
    description: &str,
) -> Result<(), Failure> {
    one(
        connection,
        "UPDATE api_keys SET description = ?2 WHERE id = ?1",
        params![id.as_bytes(), description],
    )
}

pub(super) fn set_roles(
    connection: &Connection,
    id: ApiKeyId,
    roles: EnumSet<OrgRole>,
) -> Result<(), Failure> {
    one(
        connection,
        "UPDATE api_keys SET roles = ?2 WHERE id = ?1",
        params![id.as_bytes(), role_names(roles)],
    )
}

/// Replaces what is kept of the private key, which is the same as before.
pub(super) fn reseal(
    connection: &Connection,
    id: ApiKeyId,
    credentials: &WrappedHa1s,
) -> Result<(), Failure> {
    one(
        connection,
        "UPDATE api_keys SET credentials = ?2 WHERE id = ?1",
        params![id.as_bytes(), credentials.as_bytes()],
    )
}

/// The access list goes with it.
pub(super) fn delete(connection: &Connection, id: ApiKeyId) -> Result<(), Failure> {
    one(connection, "DELETE FROM api_keys WHERE id = ?1", [id.as_bytes()])
}
