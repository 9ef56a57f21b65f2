//! The rate limit of an endpoint (oauth-endpoints.md 5.1, row 3).

use axum::{
    http::{HeaderValue, StatusCode, header::CONNECTION},
    response::{IntoResponse, Response},
};
use rescind_authority::{Attempt, Authority};

use super::{error::OauthError, request::Received};
use crate::rate_limit;

/// Answers as `answer` does, or 429 if there were too many attempts like `request`: then nothing
/// else of it is looked at, its secret least of all.
pub(super) async fn limited(
    authority: &Authority,
    attempt: Attempt,
    request: &Received,
    answer: impl Future<Output = Result<impl IntoResponse, OauthError>>,
) -> Response {
    match authority.attempt(attempt, request.address(), || request.claimed_id()) {
        Ok(allowance) => {
            let mut response = answer.await.into_response();
            // The contract closes the list of a 401's headers (oauth-endpoints.md 3).
            if let Some(allowance) = allowance
                && response.status() != StatusCode::UNAUTHORIZED
            {
                rate_limit::tell(response.headers_mut(), allowance);
            }
            response
        }
        Err(exceeded) => {
            let path = request.path().to_owned();
            let mut response = OauthError::RateLimited { path, exceeded }.into_response();
            if request.is_too_large() {
                // What is left of its body will not be read.
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            response
        }
    }
}
