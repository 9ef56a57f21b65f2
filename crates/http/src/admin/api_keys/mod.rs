//! API keys of an organization: what `curl --digest --user PUBLIC:PRIVATE` shows (conventions.md 1.1).

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;

use enumset::EnumSet;
use rescind_core::{
    api_key::{ApiKey, PrivateKey, masked},
    id::{ApiKeyId, OrgId},
    role::OrgRole,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{page::Link, path::Root};
use crate::openapi::schema;

/// An API key: its private key itself once, and its mask ever after.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiKey)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApiKeyView {
    desc: String,
    #[schema(value_type = schema::Id)]
    id: ApiKeyId,
    links: [Link; 1],
    private_key: String,
    public_key: String,
    roles: Vec<RoleView>,
}

/// A role, and the organization that it is one in.
#[derive(Serialize, ToSchema)]
#[schema(as = RoleInOrganization)]
#[serde(rename_all = "camelCase")]
struct RoleView {
    #[schema(value_type = schema::Id)]
    org_id: OrgId,
    #[schema(value_type = schema::OrgRole)]
    role_name: OrgRole,
}

impl ApiKeyView {
    /// With the mask of its private key.
    fn masked(root: &Root, key: ApiKey) -> Self {
        let ApiKey { id, org_id, .. } = key;
        let href = root.join(format_args!("/orgs/{org_id}/apiKeys/{id}"));
        Self {
            desc: key.description,
            id,
            links: [Link::to_itself(href)],
            private_key: masked(&key.last_twelve),
            public_key: key.public_key.to_string(),
            roles: roles(org_id, key.roles),
        }
    }

    /// With its private key, which was just made.
    pub(crate) fn plain(root: &Root, key: ApiKey, private_key: &PrivateKey) -> Self {
        Self { private_key: private_key.expose().to_owned(), ..Self::masked(root, key) }
    }
}

fn roles(org_id: OrgId, roles: EnumSet<OrgRole>) -> Vec<RoleView> {
    roles.iter().map(|role_name| RoleView { org_id, role_name }).collect()
}
