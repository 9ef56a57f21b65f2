//! `POST /api/oauth/feed/acknowledgements`: a follower says how far it is.

use axum::{extract::State, http::StatusCode};
use rescind_authority::{Authority, Seq};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::admin::{authenticated::WithToken, body::JsonBody, error::ApiError};

/// The name that the feed gave, and the number of the last event that was applied.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Acknowledgement {
    follower: String,
    event: u64,
}

/// Answers 204; 404 when nobody of that name follows any more.
#[utoipa::path(
    post,
    path = "",
    summary = "Acknowledge an event of the feed",
    tag = "Feed",
    request_body = inline(Acknowledgement),
    responses((status = 204, description = "It is noted"))
)]
pub(crate) async fn post(
    State(authority): State<Authority>,
    WithToken(caller): WithToken,
    JsonBody(body): JsonBody<Acknowledgement>,
) -> Result<StatusCode, ApiError> {
    let Acknowledgement { follower, event } = body;
    let known = u128::from_str_radix(&follower, 16)
        .is_ok_and(|id| authority.acknowledge(caller.rights().org_id, id, Seq(event)));
    if known { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::ResourceNotFound(follower)) }
}
