//! `GET /api/oauth/revocations/{event}`: who knows of a revocation by now.

use axum::{
    Json,
    extract::{Path, State},
};
use rescind_authority::{Authority, Receipt, Seq};
use serde::Serialize;
use utoipa::ToSchema;

use crate::admin::{authenticated::WithToken, error::ApiError};

/// How far the followers of the caller's organization are.
#[derive(Serialize, ToSchema)]
#[schema(as = Receipt)]
pub(crate) struct ReceiptView {
    event: u64,
    /// How many follow the feed now.
    connected: usize,
    /// How many of these have said that they have applied the event.
    applied: usize,
}

impl From<Receipt> for ReceiptView {
    fn from(receipt: Receipt) -> Self {
        let Receipt { event, connected, applied, .. } = receipt;
        Self { event: event.0, connected, applied }
    }
}

/// Answers 200; 404 for an event that has not happened.
#[utoipa::path(
    get,
    path = "",
    summary = "See who knows of a revocation",
    tag = "Feed",
    responses((status = 200, description = "How far the followers are", body = ReceiptView))
)]
pub(crate) async fn get(
    State(authority): State<Authority>,
    WithToken(caller): WithToken,
    Path(event): Path<String>,
) -> Result<Json<ReceiptView>, ApiError> {
    let number = event.parse().map(Seq).ok();
    let happened = number.filter(|number| authority.has_happened(*number));
    let event = happened.ok_or(ApiError::ResourceNotFound(event))?;
    Ok(Json(authority.receipt(caller.rights().org_id, event).into()))
}
