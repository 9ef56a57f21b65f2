//! Organizations (service-accounts-api.md 10).

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod settings;

use rescind_core::{id::OrgId, organization::Organization};
use serde::Serialize;
use utoipa::ToSchema;

use super::{page::Link, path::Root};
use crate::openapi::schema;

/// An organization, the owner of projects and service accounts.
#[derive(Serialize, ToSchema)]
#[schema(as = Organization)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrganizationView {
    #[schema(value_type = schema::Id)]
    id: OrgId,
    /// A deleted organization is gone, so none that is shown is.
    is_deleted: bool,
    links: [Link; 1],
    name: String,
}

impl OrganizationView {
    fn new(root: &Root, organization: Organization) -> Self {
        let id = organization.id;
        let href = root.join(format_args!("/orgs/{id}"));
        let links = [Link::to_itself(href)];
        Self { id, is_deleted: false, links, name: organization.name }
    }
}
