//! Reading organizations and projects.

use deadpool_postgres::GenericClient;
use rescind_core::{
    id::{GroupId, OrgId},
    organization::{Group, OrgSettings, Organization},
};

use super::{error::Failure, row};
use crate::Versioned;

/// All organizations, or the one that is asked for.
pub(super) async fn organizations(
    client: &impl GenericClient,
    only: Option<OrgId>,
) -> Result<Vec<Versioned<Organization>>, Failure> {
    let select = "SELECT id, name, created_at, version, api_access_list_required, max_secret_hours
                  FROM organizations";
    let only = ("id", only.as_ref().map(OrgId::as_bytes));
    row::all_or_of(client, select, only, "id", |row| {
        let hours: Option<i64> = row::get(row, 5)?;
        Ok(Versioned {
            version: row::seq(row, 3)?,
            value: Organization {
                id: OrgId::from_bytes(row::bytes(row, 0)?),
                name: row::get(row, 1)?,
                created_at: row::time(row, 2)?,
                settings: OrgSettings {
                    api_access_list_required: row::get(row, 4)?,
                    max_secret_hours: hours
                        .map(u32::try_from)
                        .transpose()
                        .map_err(Failure::damaged)?,
                },
            },
        })
    })
    .await
}

/// All projects, or the one that is asked for.
pub(super) async fn groups(
    client: &impl GenericClient,
    only: Option<GroupId>,
) -> Result<Vec<Group>, Failure> {
    let select = "SELECT id, org_id, name, created_at FROM groups";
    let only = ("id", only.as_ref().map(GroupId::as_bytes));
    row::all_or_of(client, select, only, "id", |row| {
        Ok(Group {
            id: GroupId::from_bytes(row::bytes(row, 0)?),
            org_id: OrgId::from_bytes(row::bytes(row, 1)?),
            name: row::get(row, 2)?,
            created_at: row::time(row, 3)?,
        })
    })
    .await
}
