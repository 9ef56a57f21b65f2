//! Reading access lists of service accounts and of API keys.

use deadpool_postgres::GenericClient;
use rescind_core::{access_list::AccessEntry, id::PrincipalId};

use super::{error::Failure, row};
use crate::stored::AccessTable;

/// An access list, oldest entry first.
pub(super) async fn access_entries(
    client: &impl GenericClient,
    owner: PrincipalId,
) -> Result<Vec<AccessEntry>, Failure> {
    let AccessTable { name, owner, id } = AccessTable::of(owner);
    let sql = format!(
        "SELECT network, created_at, request_count, last_used_at, last_used_address
         FROM {name} WHERE {owner} = $1 ORDER BY seq"
    );
    row::rows(client, &sql, &[&id.as_slice()], |row| {
        Ok(AccessEntry {
            network: row::text(row, 0)?,
            created_at: row::time(row, 1)?,
            request_count: row::number(row, 2)?,
            last_used: match row::optional_time(row, 3)? {
                Some(at) => Some((at, row::text(row, 4)?)),
                None => None,
            },
        })
    })
    .await
}
