//! Organizations, and the projects below them that the contract's paths call groups.

use crate::{
    clock::UnixTime,
    id::{GroupId, OrgId},
};

/// The owner of service accounts and projects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: OrgId,
    /// Its name.
    pub name: String,
    /// When it was created.
    pub created_at: UnixTime,
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
