//! The last part of `/groups/{groupId}/serviceAccounts/{clientId}:invite`. Routes cannot tell it from
//! that of an account.

use axum::{
    RequestExt as _, RequestPartsExt as _,
    extract::{FromRequestParts, Path, Request},
    http::{HeaderValue, Method, header::ALLOW, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use rescind_authority::Authority;
use rescind_core::id::ClientId;
use serde::Deserialize;

use crate::admin::error::ApiError;

const INVITE: &str = ":invite";

#[derive(Deserialize)]
struct Name {
    client_id: String,
}

/// The service account that is invited.
pub(crate) struct Invited(pub(crate) ClientId);

impl FromRequestParts<Authority> for Invited {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Authority) -> Result<Self, ApiError> {
        let path = parts.extract::<Path<Name>>().await;
        let Path(Name { client_id }) = path.map_err(|_| ApiError::MethodNotAllowed)?;
        let name = client_id.strip_suffix(INVITE).ok_or(ApiError::MethodNotAllowed)?;
        name.parse().map(Self).map_err(|_| ApiError::ResourceNotFound(name.to_owned()))
    }
}

/// Gives an account and its `:invite` methods of their own.
pub(crate) async fn tell_apart(mut request: Request, next: Next) -> Response {
    let path = request.extract_parts::<Path<Name>>().await;
    let invited = path.is_ok_and(|Path(name)| name.client_id.ends_with(INVITE));
    let allowed = if invited { "POST" } else { "GET,HEAD,PATCH,DELETE" };
    let is_allowed = match request.method() {
        &Method::POST => invited,
        &Method::GET | &Method::HEAD | &Method::PATCH | &Method::DELETE => !invited,
        _ => false,
    };
    if is_allowed {
        return next.run(request).await;
    }
    ([(ALLOW, HeaderValue::from_static(allowed))], ApiError::MethodNotAllowed).into_response()
}
