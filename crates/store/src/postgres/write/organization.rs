//! Organizations and projects.

use deadpool_postgres::Client;
use rescind_core::{
    id::{GroupId, OrgId},
    organization::{Group, OrgSettings, Organization},
};

use super::{one, revocation, some};
use crate::postgres::error::Failure;

pub(super) async fn create(client: &Client, organization: &Organization) -> Result<(), Failure> {
    one(
        client,
        "INSERT INTO organizations
             (id, name, created_at, api_access_list_required, max_secret_hours)
         VALUES ($1, $2, $3, $4, $5)",
        &[
            &organization.id.as_bytes().as_slice(),
            &organization.name,
            &organization.created_at.as_second(),
            &organization.settings.api_access_list_required,
            &organization.settings.max_secret_hours.map(i64::from),
        ],
    )
    .await
}

pub(super) async fn rename(client: &Client, org_id: OrgId, name: &str) -> Result<(), Failure> {
    let sql = "UPDATE organizations SET name = $2 WHERE id = $1";
    one(client, sql, &[&org_id.as_bytes().as_slice(), &name]).await
}

pub(super) async fn set(
    client: &Client,
    org_id: OrgId,
    settings: OrgSettings,
) -> Result<(), Failure> {
    one(
        client,
        "UPDATE organizations SET api_access_list_required = $2, max_secret_hours = $3
         WHERE id = $1",
        &[
            &org_id.as_bytes().as_slice(),
            &settings.api_access_list_required,
            &settings.max_secret_hours.map(i64::from),
        ],
    )
    .await
}

/// The blocks stay, all bits set, until the tokens in them have expired.
pub(super) async fn delete(client: &Client, org_id: OrgId) -> Result<(), Failure> {
    revocation::revoke_organization(client, org_id).await?;
    let org_id = org_id.as_bytes().as_slice();
    // Secrets, assignments and access lists go with whom they belong to.
    for sql in [
        "DELETE FROM service_accounts WHERE org_id = $1",
        "DELETE FROM api_keys WHERE org_id = $1",
        "DELETE FROM groups WHERE org_id = $1",
    ] {
        some(client, sql, &[&org_id]).await?;
    }
    one(client, "DELETE FROM organizations WHERE id = $1", &[&org_id]).await
}

pub(super) async fn create_group(client: &Client, group: &Group) -> Result<(), Failure> {
    one(
        client,
        "INSERT INTO groups (id, org_id, name, created_at) VALUES ($1, $2, $3, $4)",
        &[
            &group.id.as_bytes().as_slice(),
            &group.org_id.as_bytes().as_slice(),
            &group.name,
            &group.created_at.as_second(),
        ],
    )
    .await
}

pub(super) async fn rename_group(
    client: &Client,
    group_id: GroupId,
    name: &str,
) -> Result<(), Failure> {
    let sql = "UPDATE groups SET name = $2 WHERE id = $1";
    one(client, sql, &[&group_id.as_bytes().as_slice(), &name]).await
}

pub(super) async fn delete_group(client: &Client, group_id: GroupId) -> Result<(), Failure> {
    let sql = "DELETE FROM groups WHERE id = $1";
    one(client, sql, &[&group_id.as_bytes().as_slice()]).await
}
