//! API keys.

use deadpool_postgres::Client;
use enumset::EnumSet;
use rescind_core::{api_key::ApiKey, digest::WrappedHa1s, id::ApiKeyId, role::OrgRole};

use super::one;
use crate::{postgres::error::Failure, stored::role_names};

pub(super) async fn create(client: &Client, key: &ApiKey) -> Result<(), Failure> {
    one(
        client,
        "INSERT INTO api_keys
             (id, org_id, public_key, roles, credentials, created_at, last_twelve, description)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            &key.id.as_bytes().as_slice(),
            &key.org_id.as_bytes().as_slice(),
            &key.public_key.as_str(),
            &role_names(key.roles),
            &key.credentials.as_bytes().as_slice(),
            &key.created_at.as_second(),
            &key.last_twelve,
            &key.description,
        ],
    )
    .await
}

pub(super) async fn describe(
    client: &Client,
    id: ApiKeyId,
    description: &str,
) -> Result<(), Failure> {
    let sql = "UPDATE api_keys SET description = $2 WHERE id = $1";
    one(client, sql, &[&id.as_bytes().as_slice(), &description]).await
}

pub(super) async fn set_roles(
    client: &Client,
    id: ApiKeyId,
    roles: EnumSet<OrgRole>,
) -> Result<(), Failure> {
    let sql = "UPDATE api_keys SET roles = $2 WHERE id = $1";
    one(client, sql, &[&id.as_bytes().as_slice(), &role_names(roles)]).await
}

/// Replaces what is kept of the private key, which is the same as before.
pub(super) async fn reseal(
    client: &Client,
    id: ApiKeyId,
    credentials: &WrappedHa1s,
) -> Result<(), Failure> {
    let sql = "UPDATE api_keys SET credentials = $2 WHERE id = $1";
    let credentials = credentials.as_bytes().as_slice();
    one(client, sql, &[&id.as_bytes().as_slice(), &credentials]).await
}

/// The access list goes with it.
pub(super) async fn delete(client: &Client, id: ApiKeyId) -> Result<(), Failure> {
    one(client, "DELETE FROM api_keys WHERE id = $1", &[&id.as_bytes().as_slice()]).await
}
