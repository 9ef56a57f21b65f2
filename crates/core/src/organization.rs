//! Organizations, and the projects below them that the contract's paths call groups.

use crate::{
    clock::UnixTime,
    id::{GroupId, OrgId},
};

/// What an organization decides for its service accounts and API keys (service-accounts-api.md 10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrgSettings {
    /// Whether an account without an access list cannot be used at all.
    pub api_access_list_required: bool,
    /// The longest life of a new secret, in hours, if shorter than the contract's.
    pub max_secret_hours: Option<u32>,
}

/// The owner of service accounts, API keys and projects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: OrgId,
    /// Its name.
    pub name: String,
    /// When it was created.
    pub created_at: UnixTime,
    /// What it decides for its accounts.
    pub settings: OrgSettings,
}

/// A project of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// The organization that it belongs to.
    pub org_id: OrgId,
    /// Its name.
    pub name: String,
    /// When it was created.
    pub created_at: UnixTime,
}
