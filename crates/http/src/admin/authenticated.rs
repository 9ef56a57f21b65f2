//! Who calls the management API: whoever shows a live token (oauth-endpoints.md 6.2), or proves an
//! API key by Digest (conventions.md 1.1).

use std::net::IpAddr;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header::AUTHORIZATION, request::Parts},
};
use rescind_authority::{AddressRefused, Authority, AuthorizeError, Caller, DigestError};

use super::{digest, error::ApiError, limit, path};
use crate::{ClientAddress, overload};

/// A caller with a live token or an API key.
pub(crate) struct Authenticated(pub(crate) Caller);

impl FromRequestParts<Authority> for Authenticated {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        authority: &Authority,
    ) -> Result<Self, ApiError> {
        refuse_excess(parts)?;
        let caller = match credentials(&parts.headers, "Digest") {
            Some(credentials) => by_key(authority, parts, credentials)?,
            None => by_token(authority, parts)?,
        };
        limit::count(authority, &caller, parts).await?;
        Ok(Self(caller))
    }
}

/// A caller with a live token; where API keys are not taken.
pub(crate) struct WithToken(pub(crate) Caller);

impl FromRequestParts<Authority> for WithToken {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut Parts,
        authority: &Authority,
    ) -> Result<Self, ApiError> {
        refuse_excess(parts)?;
        by_token(authority, parts).map(Self)
    }
}

/// One request too many is not looked at.
fn refuse_excess(parts: &Parts) -> Result<(), ApiError> {
    if overload::is_excess(&parts.extensions) { Err(ApiError::Overloaded) } else { Ok(()) }
}

/// The token of a request.
pub(crate) fn bearer(headers: &HeaderMap) -> Result<&str, ApiError> {
    let token = credentials(headers, "Bearer").ok_or(ApiError::Unauthenticated)?;
    // What is no text is no token of ours either.
    std::str::from_utf8(token).map(str::trim).map_err(|_| ApiError::InvalidToken)
}

/// The answer to whoever may not call.
pub(crate) fn refusal(error: AuthorizeError, address: IpAddr) -> ApiError {
    match error {
        AuthorizeError::Dead => ApiError::InvalidToken,
        AuthorizeError::Address(error) => refused(error, address),
    }
}

fn refused(error: AddressRefused, address: IpAddr) -> ApiError {
    match error {
        AddressRefused::NotOnList => ApiError::NotOnAccessList(address),
        AddressRefused::ListRequired => ApiError::AccessListRequired,
    }
}

/// What follows the scheme in the one `Authorization` header of a request, if it is of this
/// scheme. The scheme's name is read in any case (RFC 9110 section 11.1).
fn credentials<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a [u8]> {
    let mut authorizations = headers.get_all(AUTHORIZATION).iter();
    let (Some(header), None) = (authorizations.next(), authorizations.next()) else { return None };
    let (named, rest) = header.as_bytes().split_at_checked(scheme.len())?;
    let credentials = rest.strip_prefix(b" ")?;
    named.eq_ignore_ascii_case(scheme.as_bytes()).then_some(credentials)
}

fn by_token(authority: &Authority, parts: &Parts) -> Result<Caller, ApiError> {
    let address = ClientAddress::of(&parts.extensions);
    let token = bearer(&parts.headers)?;
    authority.authorize(token, address).map_err(|error| refusal(error, address))
}

fn by_key(authority: &Authority, parts: &Parts, credentials: &[u8]) -> Result<Caller, ApiError> {
    let address = ClientAddress::of(&parts.extensions);
    let presented = digest::parse(credentials).ok_or(ApiError::Unauthenticated)?;
    if !is_target(&presented.uri, parts, authority.issuer_path()) {
        return Err(ApiError::Unauthenticated);
    }
    authority.authorize_digest(&presented, parts.method.as_str(), address).map_err(|error| {
        match error {
            DigestError::Unknown => ApiError::Unauthenticated,
            DigestError::Stale => ApiError::StaleNonce,
            DigestError::Address(error) => refused(error, address),
        }
    })
}

/// Whether a proof that names `uri` was made for this request: for its path and its query, as they
/// were sent. A client puts before them the path of the public URL, which a proxy takes off.
fn is_target(uri: &str, parts: &Parts, prefix: &str) -> bool {
    let sent = path::original(parts).path_and_query().map_or("/", |target| target.as_str());
    uri == sent || uri.strip_prefix(prefix) == Some(sent)
}
