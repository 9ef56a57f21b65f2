//! `GET /orgs/{orgId}/events` and `/groups/{groupId}/events`: the change log, newest first.

use std::net::IpAddr;

use axum::{
    Json,
    extract::{OriginalUri, State},
    http::Uri,
};
use rescind_authority::{Actor, Authority, Entry, EventFilter};
use rescind_core::{
    clock::UnixTime,
    id::{ApiKeyId, OrgId},
};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    admin::{
        authenticated::Authenticated,
        error::ApiError,
        page::{List, Page},
        path::InScope,
    },
    openapi::schema,
    query,
};

/// An entry of the log: what, when, by whom and from where, and what else the event speaks of.
#[derive(Serialize, ToSchema)]
#[schema(as = Event)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventView {
    #[schema(value_type = schema::Id)]
    id: String,
    #[schema(value_type = schema::Time)]
    created: UnixTime,
    #[schema(value_type = String)]
    event_type_name: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Id>, nullable = false)]
    org_id: Option<OrgId>,
    /// The id of a service account or of an API key, `operator` or `server`.
    actor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Id>, nullable = false)]
    api_key_id: Option<ApiKeyId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    public_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Address>, nullable = false)]
    remote_address: Option<IpAddr>,
    #[schema(value_type = Object)]
    details: Map<String, Value>,
}

impl From<Entry> for EventView {
    fn from(entry: Entry) -> Self {
        let (actor, api_key, remote_address) = match entry.actor {
            Actor::Server => ("server".to_owned(), None, None),
            Actor::Operator => ("operator".to_owned(), None, None),
            Actor::Account { client_id, address } => (client_id.to_string(), None, Some(address)),
            Actor::ApiKey { id, public_key, address } => {
                (id.to_string(), Some((id, public_key)), Some(address))
            }
        };
        let mut details = match serde_json::to_value(&entry.event) {
            Ok(Value::Object(details)) => details,
            Ok(_) | Err(_) => Map::new(),
        };
        Self {
            // The number of the entry, in the form of the contract's ids.
            id: format!("{:024x}", entry.seq.0),
            created: entry.at,
            event_type_name: details.shift_remove("type").unwrap_or_default(),
            org_id: entry.org_id,
            actor,
            api_key_id: api_key.map(|(id, _)| id),
            public_key: api_key.map(|(_, public_key)| public_key.to_string()),
            remote_address,
            details,
        }
    }
}

/// Answers 200 with a page of the entries that `eventType` (any of several), `minDate` and
/// `maxDate` let through.
#[utoipa::path(
    get,
    path = "",
    summary = "List events",
    description = "What happened in an organization or a project, newest first.",
    tag = "Events",
    params(
        Page,
        ("eventType" = Option<Vec<String>>, Query, description = "Only these, if any is named"),
        ("minDate" = Option<schema::Time>, Query, description = "None before this moment"),
        ("maxDate" = Option<schema::Time>, Query, description = "None after this moment")
    ),
    responses((status = 200, description = "A page of them", body = List<EventView>))
)]
pub(crate) async fn get(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InScope(scope): InScope,
    OriginalUri(uri): OriginalUri,
    page: Page,
) -> Result<Json<List<EventView>>, ApiError> {
    let range = page.range();
    let filter = EventFilter {
        group_id: None,
        types: query::values(&uri, "eventType").map(String::from).collect(),
        from: date(&uri, "minDate")?,
        to: date(&uri, "maxDate")?,
        offset: range.offset as u64,
        limit: u32::try_from(range.limit).unwrap_or(u32::MAX),
    };
    let (entries, total) = authority.events(&caller, scope, filter).await?;
    let total = usize::try_from(total).unwrap_or(usize::MAX);
    Ok(Json(page.with(entries.into_iter().map(EventView::from).collect(), total)))
}

fn date(uri: &Uri, name: &'static str) -> Result<Option<UnixTime>, ApiError> {
    let date = query::value(uri, name).map(|text| text.parse());
    date.transpose().map_err(|_| ApiError::InvalidQueryParameter(name))
}
