//! Reading organizations and projects.

use rescind_core::{
    id::{GroupId, OrgId},
    organization::{Group, OrgSettings, Organization},
};
use rusqlite::{Connection, params_from_iter};

use super::row;
use crate::{Seq, Versioned};

/// All organizations, or the one that is asked for.
pub(super) fn organizations(
    connection: &Connection,
    only: Option<OrgId>,
) -> rusqlite::Result<Vec<Versioned<Organization>>> {
    let which = if only.is_some() { "WHERE id = ?1" } else { "" };
    connection
        .prepare_cached(&format!(
            "SELECT id, name, created_at, version, api_access_list_required, max_secret_hours
             FROM organizations {which}"
        ))?
        .query_map(params_from_iter(only.map(|id| *id.as_bytes())), |row| {
            Ok(Versioned {
                version: Seq(row.get(3)?),
                value: Organization {
                    id: OrgId::from_bytes(row.get(0)?),
                    name: row.get(1)?,
                    created_at: row::time(row, 2)?,
                    settings: OrgSettings {
                        api_access_list_required: row.get(4)?,
                        max_secret_hours: row.get(5)?,
                    },
                },
            })
        })?
        .collect()
}

/// All projects, or the one that is asked for.
pub(super) fn groups(
    connection: &Connection,
    only: Option<GroupId>,
) -> rusqlite::Result<Vec<Group>> {
    let which = if only.is_some() { "WHERE id = ?1" } else { "" };
    connection
        .prepare_cached(&format!("SELECT id, org_id, name, created_at FROM groups {which}"))?
        .query_map(params_from_iter(only.map(|id| *id.as_bytes())), |row| {
            Ok(Group {
                id: GroupId::from_bytes(row.get(0)?),
                org_id: OrgId::from_bytes(row.get(1)?),
                name: row.get(2)?,
                created_at: row::time(row, 3)?,
            })
        })?
        .collect()
}
