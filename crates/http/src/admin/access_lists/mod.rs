//! The IP access list of a service account or of an API key (service-accounts-api.md 7).

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;

use std::net::IpAddr;

use axum::{
    RequestPartsExt as _,
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use ipnet::IpNet;
use rescind_authority::Authority;
use rescind_core::{
    access_list::{AccessEntry, is_single, parse_entry},
    clock::UnixTime,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{error::ApiError, path};
use crate::openapi::schema;

/// An address, or a block of addresses, that a service account or an API key may be used
/// from.
#[derive(Serialize, ToSchema)]
#[schema(as = AccessListEntry)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EntryView {
    /// A single address has the prefix `/32` or `/128`.
    #[schema(value_type = schema::Block)]
    cidr_block: IpNet,
    #[schema(value_type = schema::Time)]
    created_at: UnixTime,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Address>, nullable = false)]
    ip_address: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Address>, nullable = false)]
    last_used_address: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Time>, nullable = false)]
    last_used_at: Option<UnixTime>,
    /// How many requests it has let through.
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

/// The entry that the last part of a path names; `%2F` is the slash of a block.
pub(crate) struct Named(IpNet);

#[derive(Deserialize)]
struct Name {
    entry: String,
}

impl FromRequestParts<Authority> for Named {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Authority) -> Result<Self, ApiError> {
        let name = parts.extract::<Path<Name>>().await;
        let Path(Name { entry }) = name.map_err(|_| path::not_found(parts))?;
        parse_entry(&entry).map(Self).map_err(|_| ApiError::EntryNotFound(entry))
    }
}
