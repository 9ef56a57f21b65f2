//! Organizations and projects.

use rescind_core::{
    id::{GroupId, OrgId},
    organization::{Group, OrgSettings, Organization},
};
use rusqlite::{Connection, params};

use super::{one, revocation};
use crate::sqlite::error::Failure;

pub(super) fn create(connection: &Connection, organization: &Organization) -> Result<(), Failure> {
    one(
        connection,
        "INSERT INTO organizations
             (id, name, created_at, api_access_list_required, max_secret_hours)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            organization.id.as_bytes(),
            organization.name,
            organization.created_at.as_second(),
            organization.settings.api_access_list_required,
            organization.settings.max_secret_hours,
        ],
    )
}

pub(super) fn rename(connection: &Connection, org_id: OrgId, name: &str) -> Result<(), Failure> {
    one(
        connection,
        "UPDATE organizations SET name = ?2 WHERE id = ?1",
        params![org_id.as_bytes(), name],
    )
}

pub(super) fn set(
    connection: &Connection,
    org_id: OrgId,
    settings: OrgSettings,
) -> Result<(), Failure> {
    one(
        connection,
        "UPDATE organizations SET api_access_list_required = ?2, max_secret_hours = ?3
         WHERE id = ?1",
        params![org_id.as_bytes(), settings.api_access_list_required, settings.max_secret_hours],
    )
}

/// The blocks stay, all bits set, until the tokens in them have expired.
pub(super) fn delete(connection: &Connection, org_id: OrgId) -> Result<(), Failure> {
    revocation::revoke_organization(connection, org_id)?;
    // Secrets, assignments and access lists go with whom they belong to.
    for sql in [
        "DELETE FROM service_accounts WHERE org_id = ?1",
        "DELETE FROM api_keys WHERE org_id = ?1",
        "DELETE FROM groups WHERE org_id = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([org_id.as_bytes()])?;
    }
    one(connection, "DELETE FROM organizations WHERE id = ?1", [org_id.as_bytes()])
}

pub(super) fn create_group(connection: &Connection, group: &Group) -> Result<(), Failure> {
    one(
        connection,
        "INSERT INTO groups VALUES (?1, ?2, ?3, ?4)",
        params![
            group.id.as_bytes(),
            group.org_id.as_bytes(),
            group.name,
            group.created_at.as_second()
        ],
    )
}

pub(super) fn rename_group(
    connection: &Connection,
    group_id: GroupId,
    name: &str,
) -> Result<(), Failure> {
    one(connection, "UPDATE groups SET name = ?2 WHERE id = ?1", params![group_id.as_bytes(), name])
}

pub(super) fn delete_group(connection: &Connection, group_id: GroupId) -> Result<(), Failure> {
    one(connection, "DELETE FROM groups WHERE id = ?1", [group_id.as_bytes()])
}
