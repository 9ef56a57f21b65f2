//! `POST …/accessList`: an account or an API key may be used from more
//! addresses (O10, P10).

use std::collections::BTreeSet;

use axum::{Json, extract::State};
use ipnet::IpNet;
use rescind_authority::Authority;
use rescind_core::access_list::{ParseNetworkError, parse_address, parse_block};
use serde::Deserialize;
use serde_json::json;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use super::EntryView;
use crate::{
    admin::{
        authenticated::Authenticated,
        body::JsonBody,
        error::ApiError,
        page::{List, Page},
        path::{InScope, OfMember},
    },
    openapi::schema::{self, Address, Block},
};

/// Answers 200, and not 201, with a page of the whole list.
#[utoipa::path(
    post,
    path = "",
    summary = "Add to an access list",
    tag = "Access lists",
    params(Page),
    request_body = inline(Vec<NewEntry>),
    responses((status = 200, description = "A page of the whole list", body = List<EntryView>))
)]
pub(crate) async fn post(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InScope(scope): InScope,
    OfMember(member): OfMember,
    page: Page,
    JsonBody(entries): JsonBody<Vec<NewEntry>>,
) -> Result<Json<List<EntryView>>, ApiError> {
    let mut networks = BTreeSet::new();
    for entry in entries {
        if !networks.insert(entry.network()?) {
            return Err(ApiError::DuplicateAddresses);
        }
    }
    let entries = authority.add_access_entries(&caller, scope, member, &networks).await?;
    Ok(Json(page.of(entries.into_iter().map(EntryView::from).collect())))
}

/// An entry: exactly one of the two.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewEntry {
    ip_address: Option<String>,
    cidr_block: Option<String>,
}

impl PartialSchema for NewEntry {
    fn schema() -> RefOr<Schema> {
        let (address, block) = (Address::schema(), Block::schema());
        let one = |properties, required| {
            json!({
                "type": "object",
                "properties": properties,
                "required": [required],
                "additionalProperties": false,
            })
        };
        schema::from_json(json!({
            "oneOf": [
                one(json!({ "ipAddress": address, "cidrBlock": { "type": "null" } }), "ipAddress"),
                one(json!({ "cidrBlock": block, "ipAddress": { "type": "null" } }), "cidrBlock"),
            ],
        }))
    }
}

impl ToSchema for NewEntry {}

impl NewEntry {
    fn network(self) -> Result<IpNet, ApiError> {
        let (network, attribute, text) = match (self.ip_address, self.cidr_block) {
            (Some(text), None) => (parse_address(&text), "ipAddress", text),
            (None, Some(text)) => (parse_block(&text), "cidrBlock", text),
            (Some(_), Some(_)) | (None, None) => return Err(ApiError::BadAccessListAddRequest),
        };
        network.map_err(|error| match error {
            ParseNetworkError::Malformed => ApiError::InvalidAttribute(attribute.to_owned()),
            ParseNetworkError::Unspecified => ApiError::AddressOfNobody(text),
        })
    }
}
