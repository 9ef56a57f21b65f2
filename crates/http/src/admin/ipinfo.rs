//! `GET /api/private/ipinfo`: where a request comes from, for whoever fills an access list
//! (clients.md 4).

use std::net::IpAddr;

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::authenticated::Authenticated;
use crate::openapi::schema;

/// The one field that clients read. It holds the address also if that is not of IPv4.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IpInfo {
    #[schema(value_type = schema::Address)]
    current_ipv4_address: IpAddr,
}

/// Answers 200.
#[utoipa::path(
    get,
    path = "",
    summary = "See where a request comes from",
    tag = "Server",
    responses((status = 200, description = "The address", body = IpInfo))
)]
pub(crate) async fn get(Authenticated(caller): Authenticated) -> Json<IpInfo> {
    Json(IpInfo { current_ipv4_address: caller.address() })
}
