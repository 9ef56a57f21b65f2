//! `GET /api/public/v1.0`: what answers here (conventions.md 1).

use axum::{Json, extract::State};
use rescind_authority::Authority;
use serde::Serialize;
use utoipa::ToSchema;

use super::{authenticated::Authenticated, page::Link, path};

/// The fields of the contract, in its order.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Root {
    app_name: &'static str,
    build: &'static str,
    links: [Link; 1],
    throttling: bool,
}

/// Answers 200.
#[utoipa::path(
    get,
    path = "",
    summary = "See what answers here",
    tag = "Server",
    responses((status = 200, description = "The server", body = Root))
)]
pub(crate) async fn get(
    State(authority): State<Authority>,
    _: Authenticated,
    root: path::Root,
) -> Json<Root> {
    Json(Root {
        // The contract's, since clients may look at it.
        app_name: "MongoDB Cloud",
        build: env!("RESCIND_GIT_HASH"),
        links: [Link::to_itself(root.join(format_args!("")))],
        throttling: authority.limits_api(),
    })
}
