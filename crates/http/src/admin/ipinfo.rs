//! `GET /api/private/ipinfo`: where a request comes from, for whoever fills an access list
//! (clients.md 4).

use std::net::IpAddr;

use axum::Json;
use serde::Serialize;

use super::authenticated::Authenticated;

/// The one field that clients read. It holds the address also if that is not of IPv4.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IpInfo {
    current_ipv4_address: IpAddr,
}

/// Answers 200.
pub(crate) async fn get(Authenticated(caller): Authenticated) -> Json<IpInfo> {
    Json(IpInfo { current_ipv4_address: caller.address() })
}
