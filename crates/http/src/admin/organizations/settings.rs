//! `GET` and `PATCH /orgs/{orgId}/settings`: what an organization decides for its accounts.

use axum::{Json, extract::State};
use rescind_authority::Authority;
use rescind_core::organization::OrgSettings;
use serde::Serialize;

use crate::admin::{
    authenticated::Authenticated,
    body::{Fields, JsonBody},
    error::ApiError,
    path::InOrg,
};

/// The settings as the API shows them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SettingsView {
    api_access_list_required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_service_account_secret_validity_in_hours: Option<u32>,
}

impl From<OrgSettings> for SettingsView {
    fn from(settings: OrgSettings) -> Self {
        Self {
            api_access_list_required: settings.api_access_list_required,
            max_service_account_secret_validity_in_hours: settings.max_secret_hours,
        }
    }
}

/// Answers 200 with them.
pub(crate) async fn get(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InOrg(org_id): InOrg,
) -> Result<Json<SettingsView>, ApiError> {
    Ok(Json(authority.organization(&caller, org_id)?.settings.into()))
}

/// Answers 200 with them as they are now. What is absent stays.
pub(crate) async fn patch(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InOrg(org_id): InOrg,
    JsonBody(body): JsonBody,
) -> Result<Json<SettingsView>, ApiError> {
    let mut fields = Fields::of(body)?;
    let required = fields.boolean("apiAccessListRequired")?;
    let hours = fields.hours("maxServiceAccountSecretValidityInHours")?;
    fields.finish()?;
    let set = |old: OrgSettings| OrgSettings {
        api_access_list_required: required.unwrap_or(old.api_access_list_required),
        max_secret_hours: hours.or(old.max_secret_hours),
    };
    Ok(Json(authority.change_org_settings(&caller, org_id, set).await?.into()))
}
