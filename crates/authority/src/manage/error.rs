//! Why something was not done. Nothing has changed then.

use std::sync::Arc;

use ipnet::IpNet;
use rescind_core::id::{ApiKeyId, ClientId, GroupId, OrgId, PrincipalId, SecretId};
use rescind_store::StoreError;

use crate::CommitError;

/// Which role was lacking (conventions.md 2.4, status 401).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Only an owner of the organization may; to create a project, a project creator as well.
    #[error("an owner of the organization may do this")]
    NotOrgOwner,
    /// Only an owner or a user admin of the project may.
    #[error("an owner or a user admin of the project may do this")]
    NotGroupAdmin,
    /// Only an owner of the project may.
    #[error("an owner of the project may do this")]
    NotGroupOwner,
    /// Only those with a role in the project may.
    #[error("whoever has a role in the project may do this")]
    NotInGroup,
    /// Nobody gives a role that it lacks.
    #[error("a role cannot be given by somebody who lacks it")]
    RoleLacking,
}

/// Why something was not done.
#[derive(Clone, Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the sentences say it")]
pub enum ManageError {
    #[error("no organization {0}")]
    OrgNotFound(OrgId),
    #[error("no project {0}")]
    GroupNotFound(GroupId),
    #[error("no service account {0}")]
    AccountNotFound(ClientId),
    #[error("no secret {0}")]
    SecretNotFound(SecretId),
    #[error("no API key {0}")]
    ApiKeyNotFound(ApiKeyId),
    #[error("no entry {0} in the access list")]
    EntryNotFound(IpNet),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("the organization would have no owner any more")]
    LastOwner,
    #[error("the organization would have no owner from the beginning")]
    NoOwner,
    #[error("organization {org_id} has {limit} service accounts already")]
    TooManyAccounts { org_id: OrgId, limit: usize },
    #[error("organization {org_id} has {limit} API keys already")]
    TooManyApiKeys { org_id: OrgId, limit: usize },
    #[error("the operator lets no API key in")]
    ApiKeysOff,
    #[error("the account has as many secrets as it can have")]
    TooManySecrets,
    #[error("the access list of {0} has as many entries as it can have")]
    TooManyEntries(PrincipalId),
    #[error("the organization allows secrets of {0} hours at the most")]
    SecretTooLong(u32),
    #[error("the request itself came from there")]
    CallersEntry,
    #[error("the organization keeps changing: ask again")]
    Conflict,
    #[error(transparent)]
    Store(Arc<StoreError>),
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl From<StoreError> for ManageError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}
