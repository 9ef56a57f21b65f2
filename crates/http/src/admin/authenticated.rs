//! Who calls the management API: whoever shows a live token (oauth-endpoints.md 6.2).

use std::net::IpAddr;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header::AUTHORIZATION, request::Parts},
};
use rescind_authority::{AddressRefused, Authority, AuthorizeError, Caller};

use super::{error::ApiError, limit};
use crate::ClientAddress;

/// A caller with a live token.
pub(crate) struct Authenticated(pub(crate) Caller);

impl FromRequestParts<Authority> for Authenticated {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        authority: &Authority,
    ) -> Result<Self, ApiError> {
        let token = bearer(&parts.headers)?;
        let address = ClientAddress::of(&parts.extensions);
        let caller =
            authority.authorize(token, address).map_err(|error| refusal(error, address))?;
        limit::count(authority, &caller, parts).await?;
        Ok(Self(caller))
    }
}

/// The answer to whoever may not call.
pub(crate) fn refusal(error: AuthorizeError, address: IpAddr) -> ApiError {
    match error {
        AuthorizeError::Dead => ApiError::InvalidToken,
        AuthorizeError::Address(AddressRefused::NotOnList) => ApiError::NotOnAccessList(address),
        AuthorizeError::Address(AddressRefused::ListRequired) => ApiError::AccessListRequired,
    }
}

/// The token of a request; the scheme's name is read in any case (RFC 9110 section 11.1).
pub(crate) fn bearer(headers: &HeaderMap) -> Result<&str, ApiError> {
    let mut authorizations = headers.get_all(AUTHORIZATION).iter();
    let (Some(header), None) = (authorizations.next(), authorizations.next()) else {
        return Err(ApiError::Unauthenticated);
    };
    match header.as_bytes().split_at_checked("Bearer ".len()) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case(b"Bearer ") => {
            // What is no text is no token of ours either.
            std::str::from_utf8(token).map(str::trim).map_err(|_| ApiError::InvalidToken)
        }
        _ => Err(ApiError::Unauthenticated),
    }
}
