//! The entries of access lists.

use ipnet::IpNet;
use rescind_core::{clock::UnixTime, id::ClientId};
use rusqlite::{Connection, params};

use super::one;
use crate::{Seq, sqlite::error::Failure};

/// An entry that is there already keeps its age and its use.
pub(super) fn add(
    connection: &Connection,
    seq: Seq,
    now: UnixTime,
    client_id: ClientId,
    network: IpNet,
) -> Result<(), Failure> {
    connection
        .prepare_cached(
            "INSERT INTO access_entries (client_id, network, seq, created_at)
             VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        )?
        .execute(params![client_id.as_bytes(), network.to_string(), seq.0, now.as_second()])?;
    Ok(())
}

pub(super) fn delete(
    connection: &Connection,
    client_id: ClientId,
    network: IpNet,
) -> Result<(), Failure> {
    one(
        connection,
        "DELETE FROM access_entries WHERE client_id = ?1 AND network = ?2",
        params![client_id.as_bytes(), network.to_string()],
    )
}
