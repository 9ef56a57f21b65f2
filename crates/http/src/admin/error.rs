//! Every answer of the management API that is not a success (conventions.md 2).

use std::borrow::Cow;

use axum::{
    Json,
    extract::OriginalUri,
    http::{StatusCode, header::WWW_AUTHENTICATE},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::challenge;

/// An answer other than a success.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// No credentials that this API takes.
    Unauthenticated,
    /// A token that is expired, revoked, or not one of ours. The hosted service says no more.
    InvalidToken,
    /// An organization that there is not, for this caller.
    OrgNotFound(String),
    /// A path that there is not.
    ResourceNotFound(String),
    /// A path that there is, for other methods.
    MethodNotAllowed,
    /// A query parameter out of its range.
    InvalidQueryParameter(&'static str),
}

/// The shape of the API (conventions.md 2.2), in its order.
#[derive(Serialize)]
struct Body<'a> {
    detail: Cow<'static, str>,
    error: u16,
    #[serde(rename = "errorCode")]
    error_code: &'static str,
    parameters: &'a [&'a str],
    reason: &'static str,
}

impl ApiError {
    // No `_` arm, here or below: a new variant must say what it answers.
    fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            // The code that the hosted service answers with (oauth-endpoints.md 6.2).
            Self::Unauthenticated | Self::InvalidToken => {
                (StatusCode::UNAUTHORIZED, "UNEXPECTED_ERROR")
            }
            Self::OrgNotFound(_) => (StatusCode::NOT_FOUND, "ORG_NOT_FOUND"),
            Self::ResourceNotFound(_) => (StatusCode::NOT_FOUND, "RESOURCE_NOT_FOUND"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED"),
            Self::InvalidQueryParameter(_) => (StatusCode::BAD_REQUEST, "INVALID_QUERY_PARAMETER"),
        }
    }

    fn detail(&self) -> Cow<'static, str> {
        match self {
            Self::Unauthenticated | Self::InvalidToken => {
                "You are not authorized for this resource.".into()
            }
            Self::OrgNotFound(id) => format!("No organization with ID {id} exists.").into(),
            Self::ResourceNotFound(path) => format!("Cannot find resource {path}.").into(),
            Self::MethodNotAllowed => "The method is not allowed for this resource.".into(),
            Self::InvalidQueryParameter(name) => {
                format!("Invalid query parameter {name} specified.").into()
            }
        }
    }

    fn parameter(&self) -> Option<&str> {
        match self {
            Self::OrgNotFound(value) | Self::ResourceNotFound(value) => Some(value),
            Self::InvalidQueryParameter(name) => Some(name),
            Self::Unauthenticated | Self::InvalidToken | Self::MethodNotAllowed => None,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, error_code) = self.status_and_code();
        let parameter = self.parameter();
        let body = Json(Body {
            detail: self.detail(),
            error: status.as_u16(),
            error_code,
            parameters: parameter.as_slice(),
            reason: status.canonical_reason().unwrap_or_default(),
        });
        let challenges =
            |scheme| [(WWW_AUTHENTICATE, challenge::digest()), (WWW_AUTHENTICATE, scheme)];
        match self {
            Self::Unauthenticated => {
                let mut response = (status, body).into_response();
                response.headers_mut().extend(challenges(challenge::BEARER));
                response
            }
            Self::InvalidToken => {
                let mut response = status.into_response();
                response.headers_mut().extend(challenges(challenge::INVALID_TOKEN));
                response
            }
            Self::OrgNotFound(_)
            | Self::ResourceNotFound(_)
            | Self::MethodNotAllowed
            | Self::InvalidQueryParameter(_) => (status, body).into_response(),
        }
    }
}

/// The answer to a path that there is not.
pub(crate) async fn not_found(OriginalUri(uri): OriginalUri) -> ApiError {
    ApiError::ResourceNotFound(uri.path().to_owned())
}

/// The answer to a method that a path does not have.
pub(crate) async fn method_not_allowed() -> ApiError {
    ApiError::MethodNotAllowed
}
