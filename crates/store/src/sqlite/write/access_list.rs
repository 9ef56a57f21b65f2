//! The entries of access lists.

use ipnet::IpNet;
use rescind_core::{clock::UnixTime, id::PrincipalId};
use rusqlite::{Connection, params};

use super::one;
use crate::{Seq, sqlite::error::Failure, stored::AccessTable};

/// An entry that is there already keeps its age and its use.
pub(super) fn add(
    connection: &Connection,
    seq: Seq,
    now: UnixTime,
    owner: PrincipalId,
    network: IpNet,
) -> Result<(), Failure> {
    let AccessTable { name, owner, id } = AccessTable::of(owner);
    connection
        .prepare_cached(&format!(
            "INSERT INTO {name} ({owner}, network, seq, created_at)
             VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING"
        ))?
        .execute(params![id, network.to_string(), seq.0, now.as_second()])?;
    Ok(())
}

pub(super) fn delete(
    connection: &Connection,
    owner: PrincipalId,
    network: IpNet,
) -> Result<(), Failure> {
    let AccessTable { name, owner, id } = AccessTable::of(owner);
    one(
        connection,
        &format!("DELETE FROM {name} WHERE {owner} = ?1 AND network = ?2"),
        params![id, network.to_string()],
    )
}
