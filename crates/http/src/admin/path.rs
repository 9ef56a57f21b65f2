//! What stands in a path: where a request looks from, and at which account or API key.

use std::{convert::Infallible, fmt, str::FromStr};

use axum::{
    RequestPartsExt as _,
    extract::{FromRequestParts, OriginalUri, Path},
    http::{Uri, request::Parts},
};
use rescind_authority::{Authority, Scope};
use rescind_core::id::{ApiKeyId, ClientId, GroupId, OrgId, PrincipalId, SecretId};
use serde::Deserialize;

use super::error::ApiError;

/// The parts of a path; each endpoint asks for those that its path has.
#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "the names that `routes` gives them")]
struct Names {
    org_id: Option<String>,
    group_id: Option<String>,
    client_id: Option<String>,
    api_key_id: Option<String>,
}

/// The organization or the project that a path begins with.
pub(crate) struct InScope(pub(crate) Scope);

impl FromRequestParts<Authority> for InScope {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Authority) -> Result<Self, ApiError> {
        let names = names(parts).await?;
        match (names.org_id, names.group_id) {
            (Some(org_id), _) => org(&org_id).map(Scope::Org),
            (None, Some(group_id)) => group(&group_id).map(Scope::Group),
            (None, None) => Err(not_found(parts)),
        }
        .map(Self)
    }
}

/// The organization of a path below `/orgs`.
pub(crate) struct InOrg(pub(crate) OrgId);

impl FromRequestParts<Authority> for InOrg {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Authority) -> Result<Self, ApiError> {
        let names = names(parts).await?;
        org(&names.org_id.ok_or_else(|| not_found(parts))?).map(Self)
    }
}

/// The project of a path below `/groups`.
pub(crate) struct InGroup(pub(crate) GroupId);

impl FromRequestParts<Authority> for InGroup {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Authority) -> Result<Self, ApiError> {
        let names = names(parts).await?;
        group(&names.group_id.ok_or_else(|| not_found(parts))?).map(Self)
    }
}

/// The service account of a path.
pub(crate) struct Of(pub(crate) ClientId);

impl FromRequestParts<Authority> for Of {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Authority) -> Result<Self, ApiError> {
        let names = names(parts).await?;
        account(names.client_id.ok_or_else(|| not_found(parts))?).map(Self)
    }
}

/// The API key of a path.
pub(crate) struct OfKey(pub(crate) ApiKeyId);

impl FromRequestParts<Authority> for OfKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Authority) -> Result<Self, ApiError> {
        let names = names(parts).await?;
        api_key(&names.api_key_id.ok_or_else(|| not_found(parts))?).map(Self)
    }
}

/// The service account or the API key of a path: both have an access list.
pub(crate) struct OfMember(pub(crate) PrincipalId);

impl FromRequestParts<Authority> for OfMember {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Authority) -> Result<Self, ApiError> {
        let names = names(parts).await?;
        match (names.client_id, names.api_key_id) {
            (Some(client_id), _) => account(client_id).map(PrincipalId::Account),
            (None, Some(id)) => api_key(&id).map(PrincipalId::ApiKey),
            (None, None) => Err(not_found(parts)),
        }
        .map(Self)
    }
}

/// Whether the path is one of the Atlas family.
pub(crate) struct OfAtlas(pub(crate) bool);

impl<S: Sync> FromRequestParts<S> for OfAtlas {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(original(parts).path().starts_with("/api/atlas/")))
    }
}

/// The root that the request was sent below: what is shown links to its own family
/// (conventions.md 4).
pub(crate) struct Root(String);

impl FromRequestParts<Authority> for Root {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        authority: &Authority,
    ) -> Result<Self, Infallible> {
        let OfAtlas(of_atlas) = parts.extract().await?;
        let family = if of_atlas { "/api/atlas/v2" } else { "/api/public/v1.0" };
        Ok(Self(format!("{}{family}", authority.issuer())))
    }
}

impl Root {
    /// The address of what is at `path` below it.
    pub(crate) fn join(&self, path: fmt::Arguments<'_>) -> String {
        format!("{}{path}", self.0)
    }
}

/// The project that the path names, if it names one.
pub(super) async fn group_named(parts: &mut Parts) -> Option<GroupId> {
    names(parts).await.ok()?.group_id?.parse().ok()
}

async fn names(parts: &mut Parts) -> Result<Names, ApiError> {
    let names = parts.extract::<Path<Names>>().await;
    names.map(|Path(names)| names).map_err(|_| not_found(parts))
}

/// The answer to a path that there is not.
pub(super) fn not_found(parts: &Parts) -> ApiError {
    ApiError::ResourceNotFound(original(parts).path().to_owned())
}

/// The address as it was sent: a nested router sees the rest of it only.
pub(super) fn original(parts: &Parts) -> &Uri {
    parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0)
}

/// An organization, by its id.
pub(crate) fn org(id: &str) -> Result<OrgId, ApiError> {
    exact(id).ok_or_else(|| ApiError::OrgNotFound(id.to_owned()))
}

fn group(id: &str) -> Result<GroupId, ApiError> {
    exact(id).ok_or_else(|| ApiError::InvalidGroupId(id.to_owned()))
}

fn account(id: String) -> Result<ClientId, ApiError> {
    id.parse().map_err(|_| ApiError::ResourceNotFound(id))
}

fn api_key(id: &str) -> Result<ApiKeyId, ApiError> {
    exact(id).ok_or_else(|| ApiError::ResourceNotFound(id.to_owned()))
}

/// A secret, by its id.
pub(crate) fn secret(id: &str) -> Result<SecretId, ApiError> {
    exact(id).ok_or_else(|| ApiError::ResourceNotFound(id.to_owned()))
}

/// An id in lower case, as the contract writes it (service-accounts-api.md 2).
fn exact<T: FromStr>(id: &str) -> Option<T> {
    id.parse().ok().filter(|_| !id.bytes().any(|byte| byte.is_ascii_uppercase()))
}
