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

use crate::{
    admin::{
        authenticated::Authenticated,
        error::ApiError,
        page::{List, Page},
        path::InScope,
    },
    query,
};

/// An entry of the log: what, when, by whom and from where, and what else the event speaks of.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventView {
    id: String,
    created: UnixTime,
    event_type_name: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    org_id: Option<OrgId>,
    actor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key_id: Option<ApiKeyId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remote_address: Option<IpAddr>,
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
