//! Access lists of service accounts and of API keys.

use deadpool_postgres::Client;
use ipnet::IpNet;
use rescind_core::{clock::UnixTime, id::PrincipalId};

use super::{one, some};
use crate::{
    Seq,
    postgres::{error::Failure, row::bigint},
    stored::AccessTable,
};

/// An entry that is there already keeps its age and its use.
pub(super) async fn add(
    client: &Client,
    seq: Seq,
    now: UnixTime,
    owner: PrincipalId,
    network: IpNet,
) -> Result<(), Failure> {
    let AccessTable { name, owner, id } = AccessTable::of(owner);
    let sql = format!(
        "INSERT INTO {name} ({owner}, network, seq, created_at)
         VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
    );
    let seq = bigint(seq.0);
    some(client, &sql, &[&id.as_slice(), &network.to_string(), &seq, &now.as_second()]).await?;
    Ok(())
}

pub(super) async fn delete(
    client: &Client,
    owner: PrincipalId,
    network: IpNet,
) -> Result<(), Failure> {
    let AccessTable { name, owner, id } = AccessTable::of(owner);
    let sql = format!("DELETE FROM {name} WHERE {owner} = $1 AND network = $2");
    one(client, &sql, &[&id.as_slice(), &network.to_string()]).await
}
