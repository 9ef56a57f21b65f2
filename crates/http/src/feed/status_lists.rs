//! `GET /statuslists`: where all status lists are (IETF Token Status List, "Status List
//! Aggregation").

use axum::{
    Json,
    extract::State,
    http::{HeaderName, HeaderValue, header::CACHE_CONTROL},
};
use rescind_authority::Authority;
use serde::Serialize;
use utoipa::ToSchema;

use super::{EVENT, event_number};

/// The lists that a live token can be in.
#[derive(Serialize, ToSchema)]
#[schema(as = StatusLists)]
pub(crate) struct Lists {
    status_lists: Vec<String>,
}

/// Answers 200. There is a new one every five minutes.
#[utoipa::path(
    get,
    path = "",
    summary = "List the status lists",
    tag = "Feed",
    responses((
        status = 200,
        description = "Those that a live token can be in",
        body = Lists,
        headers(("Rescind-Event" = u64, description = "True up to this event"))
    ))
)]
pub(crate) async fn get(
    State(authority): State<Authority>,
) -> ([(HeaderName, HeaderValue); 2], Json<Lists>) {
    let (status_lists, event) = authority.status_list_uris();
    let briefly = HeaderValue::from_static("public, max-age=10");
    ([(EVENT, event_number(event)), (CACHE_CONTROL, briefly)], Json(Lists { status_lists }))
}
