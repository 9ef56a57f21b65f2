//! `GET /api/oauth/accounts/{clientId}`: what a resource server must know of the account that a
//! token was issued to.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderName, HeaderValue},
};
use ipnet::IpNet;
use rescind_authority::Authority;
use rescind_core::{
    id::{ClientId, GroupId, OrgId},
    role::{GroupRole, OrgRole},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{EVENT, event_number};
use crate::{
    admin::{authenticated::WithToken, error::ApiError},
    openapi::schema,
};

/// What an account may do, and from where.
#[derive(Serialize, ToSchema)]
#[schema(as = Rights)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountView {
    #[schema(value_type = schema::ClientId)]
    client_id: ClientId,
    #[schema(value_type = schema::Id)]
    org_id: OrgId,
    #[schema(value_type = Vec<schema::OrgRole>)]
    roles: Vec<OrgRole>,
    groups: Vec<AssignmentView>,
    /// The networks that it may be used from; absent: its organization decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<schema::Block>>, nullable = false)]
    access_list: Option<Vec<IpNet>>,
    /// Whether an account without an access list may not be used at all.
    access_list_required: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RightsInProject)]
#[serde(rename_all = "camelCase")]
struct AssignmentView {
    #[schema(value_type = schema::Id)]
    group_id: GroupId,
    #[schema(value_type = Vec<schema::GroupRole>)]
    roles: Vec<GroupRole>,
}

/// Answers 200 for an account of the caller's organization, else 404.
#[utoipa::path(
    get,
    path = "",
    summary = "See what a service account may do",
    description = "For resource servers, which check tokens by themselves.",
    tag = "Feed",
    responses((
        status = 200,
        description = "Its rights",
        body = AccountView,
        headers(("Rescind-Event" = u64, description = "True up to this event"))
    ))
)]
pub(crate) async fn get(
    State(authority): State<Authority>,
    WithToken(caller): WithToken,
    Path(client_id): Path<String>,
) -> Result<([(HeaderName, HeaderValue); 1], Json<AccountView>), ApiError> {
    let found = client_id.parse().ok().and_then(|id| authority.known_account(&caller, id));
    let known = found.ok_or(ApiError::ResourceNotFound(client_id))?;
    let rights = &known.principal.rights;
    let groups = rights.assignments.iter().map(|assigned| AssignmentView {
        group_id: assigned.group_id,
        roles: assigned.roles.iter().collect(),
    });
    let view = AccountView {
        client_id: known.principal.client_id,
        org_id: rights.org_id,
        roles: rights.roles.iter().collect(),
        groups: groups.collect(),
        access_list: known.principal.access_list.as_ref().map(|list| list.networks().collect()),
        access_list_required: known.access_list_required,
    };
    Ok(([(EVENT, event_number(known.event))], Json(view)))
}
