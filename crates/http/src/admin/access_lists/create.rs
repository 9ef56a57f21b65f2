//! `POST …/accessList`: an account or an API key may be used from more
//! addresses (O10, P10).

use std::collections::BTreeSet;

use axum::{Json, extract::State};
use ipnet::IpNet;
use rescind_authority::Authority;
use rescind_core::access_list::{ParseNetworkError, parse_address, parse_block};
use serde_json::Value;

use super::EntryView;
use crate::admin::{
    authenticated::Authenticated,
    body::{Fields, JsonBody},
    error::ApiError,
    page::{List, Page},
    path::{InScope, OfMember},
};

/// Answers 200, and not 201, with a page of the whole list.
pub(crate) async fn post(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InScope(scope): InScope,
    OfMember(member): OfMember,
    page: Page,
    JsonBody(body): JsonBody,
) -> Result<Json<List<EntryView>>, ApiError> {
    let Value::Array(items) = body else { return Err(ApiError::InvalidJson) };
    let mut networks = BTreeSet::new();
    for item in items {
        if !networks.insert(read(item)?) {
            return Err(ApiError::DuplicateAddresses);
        }
    }
    let entries = authority.add_access_entries(&caller, scope, member, &networks).await?;
    Ok(Json(page.of(entries.into_iter().map(EntryView::from).collect())))
}

/// An entry: exactly one of the two fields.
fn read(item: Value) -> Result<IpNet, ApiError> {
    let mut fields = Fields::of(item)?;
    let (address, block) = (fields.string("ipAddress")?, fields.string("cidrBlock")?);
    fields.finish()?;
    let (network, field, text) = match (address, block) {
        (Some(text), None) => (parse_address(&text), "ipAddress", text),
        (None, Some(text)) => (parse_block(&text), "cidrBlock", text),
        (Some(_), Some(_)) | (None, None) => return Err(ApiError::BadAccessListAddRequest),
    };
    network.map_err(|error| match error {
        ParseNetworkError::Malformed => ApiError::InvalidAttribute(field.to_owned()),
        ParseNetworkError::Unspecified => ApiError::AddressOfNobody(text),
    })
}
