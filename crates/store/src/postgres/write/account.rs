//! Service accounts, and their roles in projects.

use deadpool_postgres::Client;
use enumset::EnumSet;
use rescind_core::{
    account::{Assignment, ServiceAccount},
    id::{ClientId, GroupId},
    role::OrgRole,
};

use super::{one, revocation, secret};
use crate::{postgres::error::Failure, stored::role_names};

pub(super) async fn create(client: &Client, account: &ServiceAccount) -> Result<(), Failure> {
    one(
        client,
        "INSERT INTO service_accounts (client_id, org_id, roles, created_at, name, description)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            &account.client_id.as_bytes().as_slice(),
            &account.org_id.as_bytes().as_slice(),
            &role_names(account.roles),
            &account.created_at.as_second(),
            &account.name,
            &account.description,
        ],
    )
    .await?;
    for added in &account.secrets {
        secret::add(client, account.client_id, added).await?;
    }
    Ok(())
}

pub(super) async fn describe(
    client: &Client,
    client_id: ClientId,
    name: Option<&str>,
    description: Option<&str>,
) -> Result<(), Failure> {
    one(
        client,
        "UPDATE service_accounts
         SET name = coalesce($2, name), description = coalesce($3, description)
         WHERE client_id = $1",
        &[&client_id.as_bytes().as_slice(), &name, &description],
    )
    .await
}

pub(super) async fn set_roles(
    client: &Client,
    client_id: ClientId,
    roles: EnumSet<OrgRole>,
) -> Result<(), Failure> {
    let sql = "UPDATE service_accounts SET roles = $2 WHERE client_id = $1";
    one(client, sql, &[&client_id.as_bytes().as_slice(), &role_names(roles)]).await
}

/// Secrets, assignments and the access list go with it. The blocks stay, all bits set, until the
/// tokens in them have expired.
pub(super) async fn delete(client: &Client, client_id: ClientId) -> Result<(), Failure> {
    revocation::revoke_account(client, client_id).await?;
    let sql = "DELETE FROM service_accounts WHERE client_id = $1";
    one(client, sql, &[&client_id.as_bytes().as_slice()]).await
}

pub(super) async fn assign(
    client: &Client,
    client_id: ClientId,
    Assignment { group_id, roles }: Assignment,
) -> Result<(), Failure> {
    one(
        client,
        "INSERT INTO assignments (client_id, group_id, roles) VALUES ($1, $2, $3)
         ON CONFLICT (client_id, group_id) DO UPDATE SET roles = excluded.roles",
        &[&client_id.as_bytes().as_slice(), &group_id.as_bytes().as_slice(), &role_names(roles)],
    )
    .await
}

pub(super) async fn unassign(
    client: &Client,
    client_id: ClientId,
    group_id: GroupId,
) -> Result<(), Failure> {
    let sql = "DELETE FROM assignments WHERE client_id = $1 AND group_id = $2";
    let params = [client_id.as_bytes().as_slice(), group_id.as_bytes().as_slice()];
    one(client, sql, &[&params[0], &params[1]]).await
}
