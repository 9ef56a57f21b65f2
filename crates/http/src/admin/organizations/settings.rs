//! `GET` and `PATCH /orgs/{orgId}/settings`: what an organization decides for its accounts.

use axum::{Json, extract::State};
use rescind_authority::Authority;
use rescind_core::organization::OrgSettings;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::admin::{
    attribute::Hours, authenticated::Authenticated, body::JsonBody, error::ApiError, path::InOrg,
};

/// What an organization decides for its service accounts.
#[derive(Serialize, ToSchema)]
#[schema(as = OrganizationSettings)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SettingsView {
    /// Whether an account without an access list cannot be used at all.
    api_access_list_required: bool,
    /// The longest life of a new secret, if shorter than the contract's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
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
#[utoipa::path(
    get,
    path = "",
    summary = "See the settings of an organization",
    tag = "Organizations",
    responses((status = 200, description = "The settings", body = SettingsView))
)]
pub(crate) async fn get(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InOrg(org_id): InOrg,
) -> Result<Json<SettingsView>, ApiError> {
    Ok(Json(authority.organization(&caller, org_id)?.settings.into()))
}

/// What is to be changed of the settings.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SettingsChangeBody {
    api_access_list_required: Option<bool>,
    /// Null takes the setting away: the contract's longest life holds again.
    #[serde(default)]
    #[schema(value_type = Option<Hours>)]
    max_service_account_secret_validity_in_hours: Limit,
}

/// What becomes of a limit: null is something else than absence.
#[derive(Default)]
enum Limit {
    #[default]
    Kept,
    Unset,
    Set(Hours),
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Unset, Self::Set))
    }
}

/// Answers 200 with them as they are now. What is absent stays.
#[utoipa::path(
    patch,
    path = "",
    summary = "Change the settings of an organization",
    description = "What is absent stays as it is. So does apiAccessListRequired where it is null; \
                   maxServiceAccountSecretValidityInHours is unset by null.",
    tag = "Organizations",
    request_body = inline(SettingsChangeBody),
    responses((status = 200, description = "The settings as they are now", body = SettingsView))
)]
pub(crate) async fn patch(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InOrg(org_id): InOrg,
    JsonBody(body): JsonBody<SettingsChangeBody>,
) -> Result<Json<SettingsView>, ApiError> {
    let set = |old: OrgSettings| OrgSettings {
        api_access_list_required: body
            .api_access_list_required
            .unwrap_or(old.api_access_list_required),
        max_secret_hours: match body.max_service_account_secret_validity_in_hours {
            Limit::Kept => old.max_secret_hours,
            Limit::Unset => None,
            Limit::Set(Hours(hours)) => Some(hours),
        },
    };
    Ok(Json(authority.change_org_settings(&caller, org_id, set).await?.into()))
}
