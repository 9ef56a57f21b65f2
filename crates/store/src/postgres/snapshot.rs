//! Reading what memory holds: each table once.

use deadpool_postgres::GenericClient;
use rescind_core::clock::UnixTime;

use super::{
    api_key,
    error::Failure,
    key::signing_keys,
    log,
    organization::{groups, organizations},
    principal::principals,
    status_list::lists,
};
use crate::Snapshot;

/// All that is held in memory. The caller sees to it that it is of one moment.
pub(super) async fn read(client: &impl GenericClient, now: UnixTime) -> Result<Snapshot, Failure> {
    Ok(Snapshot {
        seq: log::head(client).await?,
        organizations: organizations(client, None).await?,
        groups: groups(client, None).await?,
        principals: principals(client, None).await?,
        api_keys: api_key::principals(client, None).await?,
        signing_keys: signing_keys(client).await?,
        lists: lists(client, now).await?,
    })
}
