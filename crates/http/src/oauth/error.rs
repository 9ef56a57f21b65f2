//! Every answer of the OAuth endpoints that is not a success (oauth-endpoints.md 4).

use std::{error::Error, sync::Arc};

use axum::{
    Json,
    body::Body,
    http::{
        HeaderValue, StatusCode,
        header::{ALLOW, CONNECTION, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use rescind_authority::{CommitError, IssueError, RevokeError};
use rescind_core::rate_limiter::Exceeded;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{admin::challenge, middleware::request_log::Cause, overload, rate_limit};

/// An answer other than 200. `Display` is the literal `error_description` of the contract;
/// `source` is what the operator sees in the log, and is never sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OauthError {
    #[error("The provided credentials are not valid.")]
    InvalidRequest,
    /// The body is larger than any that means something. The connection is closed, since what is
    /// left of it will not be read.
    #[error("The provided credentials are not valid.")]
    TooLarge,
    #[error("The provided credentials are not valid.")]
    MethodNotAllowed,
    #[error("Invalid grant type.")]
    UnsupportedGrantType,
    #[error("Invalid grant.")]
    InvalidGrant,
    #[error("Invalid credentials provided.")]
    InvalidClient,
    #[error("IP access list validation failed for the service account.")]
    AccessDenied,
    #[error(
        "Access Token limit reached. Please use the existing Access Tokens or create a new \
         Service Account."
    )]
    QuotaReached,
    #[error("{}", rate_limit::sentence(.path, .exceeded))]
    RateLimited { path: String, exceeded: Exceeded },
    /// More is asked than can be done, and this was not. The contract has no body for it.
    #[error("The service is overloaded.")]
    Overloaded,
    #[error("Unexpected error.")]
    Server(#[source] Arc<dyn Error + Send + Sync>),
}

/// Why a request was not served (RFC 6749 section 5.2).
// In the order of the contract.
#[derive(Serialize, ToSchema)]
#[schema(as = OauthError)]
pub(crate) struct Description {
    error_description: String,
    error: &'static str,
}

impl OauthError {
    // No `_` arm, here or below: a new variant must say what it answers.
    fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::InvalidRequest => (StatusCode::BAD_REQUEST, "invalid_request"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "invalid_request"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "invalid_request"),
            Self::UnsupportedGrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
            Self::InvalidGrant => (StatusCode::BAD_REQUEST, "invalid_grant"),
            Self::InvalidClient => (StatusCode::UNAUTHORIZED, "invalid_client"),
            Self::AccessDenied | Self::QuotaReached => (StatusCode::FORBIDDEN, "access_denied"),
            Self::RateLimited { .. } => (StatusCode::TOO_MANY_REQUESTS, "rate_limited"),
            Self::Overloaded => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
            Self::Server(_) => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
        }
    }
}

impl IntoResponse for OauthError {
    fn into_response(self) -> Response {
        let (status, error) = self.status_and_code();
        let body = Description { error_description: self.to_string(), error };
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        match self {
            Self::InvalidClient => {
                // Clients read the first line; RFC 6749 section 5.2 wants the scheme that was used.
                headers.append(WWW_AUTHENTICATE, challenge::as_printed());
                headers.append(WWW_AUTHENTICATE, challenge::BASIC);
            }
            Self::TooLarge => {
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Self::MethodNotAllowed => {
                headers.insert(ALLOW, HeaderValue::from_static("POST"));
            }
            Self::RateLimited { exceeded, .. } => rate_limit::refuse(headers, exceeded),
            Self::Overloaded => {
                headers.insert(RETRY_AFTER, overload::RETRY_SECONDS);
                *response.body_mut() = Body::empty();
            }
            Self::Server(cause) => {
                response.extensions_mut().insert(Cause(cause));
            }
            Self::InvalidRequest
            | Self::UnsupportedGrantType
            | Self::InvalidGrant
            | Self::AccessDenied
            | Self::QuotaReached => {}
        }
        response
    }
}

impl From<CommitError> for OauthError {
    fn from(error: CommitError) -> Self {
        match error {
            // The secret or the account was deleted after it had authenticated the request.
            CommitError::Stale(_) => Self::InvalidClient,
            CommitError::Overloaded => Self::Overloaded,
            error @ (CommitError::Store(_) | CommitError::Stopped) => Self::Server(Arc::new(error)),
        }
    }
}

impl From<IssueError> for OauthError {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::QuotaReached(_) => Self::QuotaReached, // row 11
            IssueError::Commit(error) => error.into(),
        }
    }
}

impl From<RevokeError> for OauthError {
    fn from(error: RevokeError) -> Self {
        match error {
            RevokeError::NotYours => Self::InvalidGrant,
            RevokeError::Commit(error) => error.into(),
        }
    }
}

/// The answer to every method but `POST` (oauth-endpoints.md 5.1, row 1).
pub(crate) async fn method_not_allowed() -> Response {
    OauthError::MethodNotAllowed.into_response()
}

#[cfg(test)]
mod tests {
    use rescind_store::Stale;

    use super::*;

    /// oauth-endpoints.md 5.1, row 7: a deleted secret is no client, however late it was deleted.
    #[test]
    fn a_client_that_was_deleted_meanwhile_is_told_what_a_deleted_one_is_told() {
        let error = OauthError::from(CommitError::Stale(Stale));
        assert_eq!(error.status_and_code(), (StatusCode::UNAUTHORIZED, "invalid_client"));
    }
}
