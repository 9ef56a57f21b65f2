//! The IP access list of a service account (service-accounts-api.md 7).

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;

use std::net::IpAddr;

use ipnet::IpNet;
use rescind_core::{
    access_list::{AccessEntry, is_single},
    clock::UnixTime,
};
use serde::Serialize;

/// An entry as the API shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EntryView {
    cidr_block: IpNet,
    created_at: UnixTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip_address: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_address: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<UnixTime>,
    request_count: u64,
}

impl From<AccessEntry> for EntryView {
    fn from(entry: AccessEntry) -> Self {
        Self {
            cidr_block: entry.network,
            created_at: entry.created_at,
            ip_address: is_single(&entry.network).then(|| entry.network.addr()),
            last_used_address: entry.last_used.map(|(_, address)| address),
            last_used_at: entry.last_used.map(|(at, _)| at),
            request_count: entry.request_count,
        }
    }
}
