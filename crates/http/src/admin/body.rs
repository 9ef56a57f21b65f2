//! JSON bodies: what is sent, as the type that says what may be sent.

use axum::{
    extract::{FromRequest, Request},
    http::{HeaderMap, header::CONTENT_TYPE},
};
use rescind_authority::Authority;
use serde::de::DeserializeOwned;

use super::{error::ApiError, json};
use crate::{
    body::{self, BodyError},
    middleware::media_type,
};

/// The largest body that is read, in bytes: 200 entries of an access list have 12,000.
const MAX_BODY: usize = 256 * 1024;

/// A body, as JSON.
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Authority> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &Authority) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let body =
            body::read(&parts.headers, body, MAX_BODY).await.map_err(|error| match error {
                BodyError::TooLarge => ApiError::TooLarge,
                BodyError::Broken => ApiError::InvalidJson,
            })?;
        if !is_json(&parts.headers) {
            return Err(ApiError::UnsupportedMediaType);
        }
        json::read(&body).map(Self)
    }
}

/// Whether a body says that it is JSON, or does not say what it is.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else { return true };
    let media_type = value.to_str().ok().and_then(|value| value.split(';').next());
    media_type.map(str::trim).is_some_and(|essence| {
        essence.eq_ignore_ascii_case("application/json") || media_type::is_versioned(essence)
    })
}
