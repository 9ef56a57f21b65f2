//! `POST /orgs/{orgId}/apiKeys`: a new API key.

use axum::{Json, extract::State};
use rescind_authority::{Authority, NewApiKey};
use rescind_core::text::KeyDescription;
use serde::Deserialize;
use utoipa::ToSchema;

use super::ApiKeyView;
use crate::{
    admin::{
        attribute::RoleNames,
        authenticated::Authenticated,
        body::JsonBody,
        error::ApiError,
        path::{InOrg, Root},
    },
    openapi::schema,
};

/// Answers 200, as MongoDB does here, with the key and, this once, its private key.
#[utoipa::path(
    post,
    path = "",
    summary = "Create an API key",
    description = "Its private key is shown this once.",
    tag = "API keys",
    request_body = inline(NewApiKeyBody),
    responses((status = 200, description = "The key, with its private key", body = ApiKeyView))
)]
pub(crate) async fn post(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    root: Root,
    InOrg(org_id): InOrg,
    JsonBody(body): JsonBody<NewApiKeyBody>,
) -> Result<Json<ApiKeyView>, ApiError> {
    let new = NewApiKey::try_from(body)?;
    let (key, private_key) = authority.create_api_key(&caller, org_id, &new).await?;
    Ok(Json(ApiKeyView::plain(&root, key, &private_key)))
}

/// A key to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewApiKeyBody {
    #[schema(value_type = schema::KeyDescription)]
    desc: KeyDescription,
    #[schema(inline)]
    roles: RoleNames,
}

impl TryFrom<NewApiKeyBody> for NewApiKey {
    type Error = ApiError;

    fn try_from(body: NewApiKeyBody) -> Result<Self, ApiError> {
        Ok(Self { description: body.desc, roles: body.roles.of_org()? })
    }
}
