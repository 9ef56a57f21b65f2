//! Where a request came from.

use std::net::{IpAddr, Ipv4Addr};

use axum::http::Extensions;

/// The address of the client, as the listener saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// The address that the listener noted; nowhere, for a request that came through none.
    pub(crate) fn of(extensions: &Extensions) -> IpAddr {
        extensions.get::<Self>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.0)
    }
}
