//! Projects, which the contract's paths call groups (service-accounts-api.md 10).

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;

use rescind_core::{
    clock::UnixTime,
    id::{GroupId, OrgId},
    organization::Group,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{page::Link, path::Root};
use crate::openapi::schema;

/// A project, which the paths call a group.
#[derive(Serialize, ToSchema)]
#[schema(as = Project)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GroupView {
    /// The vendor's SDKs require it; there are no clusters here.
    cluster_count: u64,
    #[schema(value_type = schema::Time)]
    created: UnixTime,
    #[schema(value_type = schema::Id)]
    id: GroupId,
    links: [Link; 1],
    name: String,
    #[schema(value_type = schema::Id)]
    org_id: OrgId,
}

impl GroupView {
    fn new(root: &Root, group: &Group) -> Self {
        let href = root.join(format_args!("/groups/{}", group.id));
        Self {
            cluster_count: 0,
            created: group.created_at,
            id: group.id,
            links: [Link::to_itself(href)],
            name: group.name.clone(),
            org_id: group.org_id,
        }
    }
}
