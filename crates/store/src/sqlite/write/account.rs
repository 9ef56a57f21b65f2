//! Service accounts, and their roles in projects.

use enumset::EnumSet;
use rescind_core::{
    account::{Assignment, ServiceAccount},
    id::{ClientId, GroupId},
    role::OrgRole,
};
use rusqlite::{Connection, params};

use super::{one, revocation, secret};
use crate::{sqlite::error::Failure, stored::role_names};

pub(super) fn create(connection: &Connection, account: &ServiceAccount) -> Result<(), Failure> {
    one(
        connection,
        "INSERT INTO service_accounts VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            account.client_id.as_bytes(),
            account.org_id.as_bytes(),
            role_names(account.roles),
            account.created_at.as_second(),
            account.name,
            account.description,
        ],
    )?;
    account.secrets.iter().try_for_each(|secret| secret::add(connection, account.client_id, secret))
}

pub(super) fn describe(
    connection: &Connection,
    client_id: ClientId,
    name: Option<&str>,
    description: Option<&str>,
) -> Result<(), Failure> {
    one(
        connection,
        "UPDATE service_accounts
         SET name = coalesce(?2, name), description = coalesce(?3, description)
         WHERE client_id = ?1",
        params![client_id.as_bytes(), name, description],
    )
}

pub(super) fn set_roles(
    connection: &Connection,
    client_id: ClientId,
    roles: EnumSet<OrgRole>,
) -> Result<(), Failure> {
    one(
        connection,
        "UPDATE service_accounts SET roles = ?2 WHERE client_id = ?1",
        params![client_id.as_bytes(), role_names(roles)],
    )
}

/// Secrets, assignments and the access list go with it. The blocks stay, all bits set, until the
/// tokens in them have expired.
pub(super) fn delete(connection: &Connection, client_id: ClientId) -> Result<(), Failure> {
    revocation::revoke_account(connection, client_id)?;
    one(connection, "DELETE FROM service_accounts WHERE client_id = ?1", [client_id.as_bytes()])
}

pub(super) fn assign(
    connection: &Connection,
    client_id: ClientId,
    Assignment { group_id, roles }: Assignment,
) -> Result<(), Failure> {
    one(
        connection,
        "INSERT INTO assignments VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET roles = excluded.roles",
        params![client_id.as_bytes(), group_id.as_bytes(), role_names(roles)],
    )
}

pub(super) fn unassign(
    connection: &Connection,
    client_id: ClientId,
    group_id: GroupId,
) -> Result<(), Failure> {
    one(
        connection,
        "DELETE FROM assignments WHERE client_id = ?1 AND group_id = ?2",
        params![client_id.as_bytes(), group_id.as_bytes()],
    )
}
