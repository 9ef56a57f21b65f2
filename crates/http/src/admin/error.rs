//! Every answer of the management API that is not a success (conventions.md 2).

use std::{error::Error, net::IpAddr, sync::Arc};

use axum::{
    Json,
    extract::{OriginalUri, Request},
    http::{
        HeaderValue, StatusCode,
        header::{CONNECTION, RETRY_AFTER},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use rescind_authority::{CommitError, Denied, ManageError};
use rescind_core::{
    id::{OrgId, PrincipalId},
    rate_limiter::Exceeded,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{challenge::Challenge, error_code::ErrorCode};
use crate::{middleware::request_log::Cause, overload, rate_limit};

/// An answer other than a success. Each variant is a row of conventions.md 2.4 or of
/// service-accounts-api.md 9.
#[derive(Clone, Debug)]
pub(crate) enum ApiError {
    /// No credentials that this API takes.
    Unauthenticated,
    /// A token that is expired, revoked, or not one of ours. The hosted service says no more.
    InvalidToken,
    /// An API key proved itself with a nonce that cannot be used any more.
    StaleNonce,
    /// A role is lacking.
    Denied(Denied),
    NotOnAccessList(IpAddr),
    AccessListRequired,
    LastOwner,
    OrgNotFound(String),
    GroupNotFound(String),
    InvalidGroupId(String),
    /// A path, an account, a secret that there is not, for this caller.
    ResourceNotFound(String),
    EntryNotFound(String),
    MethodNotAllowed,
    /// The body is larger than any that means something; the connection is closed.
    TooLarge,
    UnsupportedMediaType,
    InvalidQueryParameter(&'static str),
    InvalidJson,
    /// A field that there is not, or a value that it cannot have.
    InvalidAttribute(String),
    MissingAttribute(String),
    ReadOnlyAttribute(String),
    InvalidRole(String),
    /// A role of the organization where one of a project belongs.
    OrgRoleInGroup(String),
    /// A role of a project where one of the organization belongs.
    RoleNeedsGroupId(String),
    BadAccessListAddRequest,
    DuplicateAddresses,
    /// The address of nobody.
    AddressOfNobody(String),
    CallersEntry,
    TooManyAccounts {
        org_id: OrgId,
        limit: usize,
    },
    TooManyApiKeys {
        org_id: OrgId,
        limit: usize,
    },
    TooManySecrets,
    TooManyEntries(PrincipalId),
    /// The operator lets no API key in.
    ApiKeysOff,
    Conflict,
    RateLimited {
        path: String,
        exceeded: Exceeded,
    },
    /// More is asked than can be done, and this was not.
    Overloaded,
    Server(Arc<dyn Error + Send + Sync>),
}

/// Why a request was not served.
// conventions.md 2.2, in its order.
#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErrorView {
    /// A sentence about this case.
    detail: String,
    /// The status of the answer.
    error: u16,
    error_code: ErrorCode,
    /// What stands in the sentence, in its order.
    parameters: Vec<Value>,
    /// The phrase that goes with the status.
    reason: &'static str,
}

impl ApiError {
    // No `_` arm, here or below: a new variant must say what it answers.
    fn code(&self) -> ErrorCode {
        match self {
            Self::Unauthenticated | Self::InvalidToken | Self::StaleNonce => {
                ErrorCode::Unauthenticated
            }
            Self::Denied(denied) => ErrorCode::from(*denied),
            Self::NotOnAccessList(_) => ErrorCode::NotOnAccessList,
            Self::AccessListRequired => ErrorCode::AccessListRequired,
            Self::LastOwner => ErrorCode::LastOwner,
            Self::OrgNotFound(_) => ErrorCode::OrgNotFound,
            Self::GroupNotFound(_) => ErrorCode::GroupNotFound,
            Self::InvalidGroupId(_) => ErrorCode::InvalidGroupId,
            Self::ResourceNotFound(_) => ErrorCode::ResourceNotFound,
            Self::EntryNotFound(_) => ErrorCode::EntryNotFound,
            Self::MethodNotAllowed => ErrorCode::MethodNotAllowed,
            Self::TooLarge => ErrorCode::TooLarge,
            Self::UnsupportedMediaType => ErrorCode::UnsupportedMediaType,
            Self::InvalidQueryParameter(_) => ErrorCode::InvalidQueryParameter,
            Self::InvalidJson => ErrorCode::InvalidJson,
            Self::InvalidAttribute(_) => ErrorCode::InvalidAttribute,
            Self::MissingAttribute(_) => ErrorCode::MissingAttribute,
            Self::ReadOnlyAttribute(_) => ErrorCode::ReadOnlyAttribute,
            Self::InvalidRole(_) => ErrorCode::InvalidEnumValue,
            Self::OrgRoleInGroup(_) => ErrorCode::InvalidRoleForGroup,
            Self::RoleNeedsGroupId(_) => ErrorCode::RoleNeedsGroupId,
            Self::BadAccessListAddRequest => ErrorCode::BadAccessListAddRequest,
            Self::DuplicateAddresses => ErrorCode::DuplicateAddresses,
            Self::AddressOfNobody(_) => ErrorCode::AddressOfNobody,
            Self::CallersEntry => ErrorCode::CallersEntry,
            Self::TooManyAccounts { .. } => ErrorCode::TooManyAccounts,
            Self::TooManyApiKeys { .. } => ErrorCode::TooManyApiKeys,
            Self::TooManySecrets => ErrorCode::TooManySecrets,
            Self::TooManyEntries(PrincipalId::Account(_)) => ErrorCode::TooManyEntries,
            Self::TooManyEntries(PrincipalId::ApiKey(_)) => ErrorCode::TooManyEntriesOfKey,
            Self::ApiKeysOff => ErrorCode::ApiKeysOff,
            Self::Conflict => ErrorCode::Conflict,
            Self::RateLimited { .. } => ErrorCode::RateLimited,
            Self::Overloaded => ErrorCode::Overloaded,
            Self::Server(_) => ErrorCode::Unexpected,
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Unauthenticated | Self::InvalidToken | Self::StaleNonce => {
                "You are not authorized for this resource.".to_owned()
            }
            Self::Denied(_) => "Current user is not authorized to perform this action.".to_owned(),
            Self::NotOnAccessList(address) => {
                format!("IP address {address} is not allowed to access this resource.")
            }
            Self::AccessListRequired => {
                "This resource requires access through an access list of ip ranges.".to_owned()
            }
            Self::LastOwner => {
                "The last organization owner cannot be removed or demoted.".to_owned()
            }
            Self::OrgNotFound(id) => format!("No organization with ID {id} exists."),
            Self::GroupNotFound(id) => format!("No group with ID {id} exists."),
            Self::InvalidGroupId(id) => format!("An invalid group ID {id} was specified."),
            Self::ResourceNotFound(name) => format!("Cannot find resource {name}."),
            Self::EntryNotFound(entry) => format!("The access list has no entry {entry}."),
            Self::MethodNotAllowed => "The method is not allowed for this resource.".to_owned(),
            Self::TooLarge => "The request body is too large.".to_owned(),
            Self::UnsupportedMediaType => "The request body must be application/json.".to_owned(),
            Self::InvalidQueryParameter(name) => {
                format!("Invalid query parameter {name} specified.")
            }
            Self::InvalidJson => "Received JSON does not match expected format.".to_owned(),
            Self::InvalidAttribute(name) => format!("Invalid attribute {name} specified."),
            Self::MissingAttribute(name) => {
                format!("The required attribute {name} was not specified.")
            }
            Self::ReadOnlyAttribute(name) => format!("The attribute {name} is read-only."),
            Self::InvalidRole(role) => {
                format!("An invalid enumeration value {role} was specified.")
            }
            Self::OrgRoleInGroup(role) => format!("Role {role} is invalid for group."),
            Self::RoleNeedsGroupId(role) => format!("Role {role} requires a group ID."),
            Self::BadAccessListAddRequest => {
                "Exactly one of ipAddress and cidrBlock must be specified.".to_owned()
            }
            Self::DuplicateAddresses => {
                "Two entries of the request name the same addresses.".to_owned()
            }
            Self::AddressOfNobody(entry) => {
                format!("The address {entry} cannot be added to an access list.")
            }
            Self::CallersEntry => {
                "The entry that the request came through cannot be removed.".to_owned()
            }
            Self::TooManyAccounts { org_id, limit } => format!(
                "Maximum number of Service Accounts per org ({limit}) in {org_id} exceeded when \
                 trying to add a new Service Account."
            ),
            Self::TooManyApiKeys { org_id, limit } => format!(
                "Maximum number of API keys per org ({limit}) in {org_id} exceeded when trying to \
                 add a new API key."
            ),
            Self::TooManySecrets => {
                "The service account has as many secrets as it can have.".to_owned()
            }
            Self::ApiKeysOff => {
                "This server takes no API keys: use a service account instead.".to_owned()
            }
            Self::TooManyEntries(_) => {
                "The access list has as many entries as it can have.".to_owned()
            }
            Self::Conflict => "The organization was changed meanwhile: try again.".to_owned(),
            Self::RateLimited { path, exceeded } => rate_limit::sentence(path, exceeded),
            Self::Overloaded => "The service is overloaded: try again later.".to_owned(),
            Self::Server(_) => "Unexpected error.".to_owned(),
        }
    }

    /// What stands in the detail, in its order.
    fn parameters(&self) -> Vec<Value> {
        match self {
            Self::NotOnAccessList(address) => vec![address.to_string().into()],
            Self::OrgNotFound(value)
            | Self::GroupNotFound(value)
            | Self::InvalidGroupId(value)
            | Self::ResourceNotFound(value)
            | Self::EntryNotFound(value)
            | Self::InvalidAttribute(value)
            | Self::MissingAttribute(value)
            | Self::ReadOnlyAttribute(value)
            | Self::InvalidRole(value)
            | Self::OrgRoleInGroup(value)
            | Self::RoleNeedsGroupId(value)
            | Self::AddressOfNobody(value) => vec![value.clone().into()],
            Self::InvalidQueryParameter(name) => vec![(*name).into()],
            Self::TooManyAccounts { org_id, limit } | Self::TooManyApiKeys { org_id, limit } => {
                vec![limit.to_string().into(), org_id.to_string().into()]
            }
            // Numbers, as the hosted service was seen to send them (oauth-endpoints.md 4).
            Self::RateLimited { path, exceeded: Exceeded { rate, .. } } => {
                vec![path.clone().into(), rate.requests.get().into(), rate.minutes.get().into()]
            }
            Self::Unauthenticated
            | Self::InvalidToken
            | Self::StaleNonce
            | Self::Denied(_)
            | Self::AccessListRequired
            | Self::LastOwner
            | Self::MethodNotAllowed
            | Self::TooLarge
            | Self::UnsupportedMediaType
            | Self::InvalidJson
            | Self::BadAccessListAddRequest
            | Self::DuplicateAddresses
            | Self::CallersEntry
            | Self::TooManySecrets
            | Self::TooManyEntries(_)
            | Self::ApiKeysOff
            | Self::Conflict
            | Self::Overloaded
            | Self::Server(_) => Vec::new(),
        }
    }

    /// What an answer of 401 asks for.
    fn challenge(&self) -> Challenge {
        if matches!(self, Self::InvalidToken) {
            Challenge::InvalidToken
        } else if matches!(self, Self::StaleNonce) {
            Challenge::StaleNonce
        } else {
            Challenge::Credentials
        }
    }

    fn body(&self, status: StatusCode) -> Json<ErrorView> {
        Json(ErrorView {
            detail: self.detail(),
            error: status.as_u16(),
            error_code: self.code(),
            parameters: self.parameters(),
            reason: status.canonical_reason().unwrap_or_default(),
        })
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.code().status();
        let mut response = if matches!(self, Self::InvalidToken) {
            status.into_response()
        } else {
            (status, self.body(status)).into_response()
        };
        if status == StatusCode::UNAUTHORIZED {
            response.extensions_mut().insert(self.challenge());
        }
        if matches!(self, Self::TooLarge) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if let Self::RateLimited { exceeded, .. } = &self {
            rate_limit::refuse(response.headers_mut(), *exceeded);
        }
        if matches!(self, Self::Overloaded) {
            response.headers_mut().insert(RETRY_AFTER, overload::RETRY_SECONDS);
        }
        if let Self::Server(cause) = &self {
            response.extensions_mut().insert(Cause(Arc::clone(cause)));
        }
        if let Self::Denied(denied) = self {
            response.extensions_mut().insert(denied);
        }
        response
    }
}

impl From<ManageError> for ApiError {
    fn from(error: ManageError) -> Self {
        match error {
            ManageError::OrgNotFound(id) => Self::OrgNotFound(id.to_string()),
            ManageError::GroupNotFound(id) => Self::GroupNotFound(id.to_string()),
            ManageError::AccountNotFound(id) => Self::ResourceNotFound(id.to_string()),
            ManageError::ApiKeyNotFound(id) => Self::ResourceNotFound(id.to_string()),
            ManageError::SecretNotFound(id) => Self::ResourceNotFound(id.to_string()),
            ManageError::EntryNotFound(network) => Self::EntryNotFound(network.to_string()),
            ManageError::Denied(denied) => Self::Denied(denied),
            ManageError::LastOwner => Self::LastOwner,
            // Neither of the two that a new organization begins with has the one role it needs.
            ManageError::NoOwner => Self::InvalidAttribute("roles".to_owned()),
            ManageError::TooManyAccounts { org_id, limit } => {
                Self::TooManyAccounts { org_id, limit }
            }
            ManageError::TooManyApiKeys { org_id, limit } => Self::TooManyApiKeys { org_id, limit },
            ManageError::TooManySecrets => Self::TooManySecrets,
            ManageError::TooManyEntries(member) => Self::TooManyEntries(member),
            ManageError::ApiKeysOff => Self::ApiKeysOff,
            ManageError::SecretTooLong(_) => {
                Self::InvalidAttribute("secretExpiresAfterHours".to_owned())
            }
            ManageError::CallersEntry => Self::CallersEntry,
            ManageError::Conflict | ManageError::Commit(CommitError::Stale(_)) => Self::Conflict,
            ManageError::Commit(CommitError::Overloaded) => Self::Overloaded,
            error @ (ManageError::Store(_)
            | ManageError::Commit(CommitError::Store(_) | CommitError::Stopped)) => {
                Self::Server(Arc::new(error))
            }
        }
    }
}

/// A lacking role is a 401 in the first family and a 403 in the Atlas family
/// (conventions.md 2.3): this makes the one the other.
pub(crate) async fn forbid_the_denied(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    match response.extensions().get::<Denied>() {
        Some(denied) => {
            let status = StatusCode::FORBIDDEN;
            (status, ApiError::Denied(*denied).body(status)).into_response()
        }
        None => response,
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
