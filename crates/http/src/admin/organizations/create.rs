//! `POST /orgs`: a new organization, with who can enter it.

use axum::{Json, extract::State, http::StatusCode};
use rescind_authority::{Authority, CreatedOrganization, NewApiKey, NewOrganization, Roles};
use rescind_core::text::Name;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::OrganizationView;
use crate::{
    admin::{
        accounts::{
            AccountView,
            create::{NewAccountBody, NewAccountSchema},
        },
        api_keys::{ApiKeyView, create::NewApiKeyBody},
        attribute::RoleNames,
        authenticated::Authenticated,
        body::JsonBody,
        error::ApiError,
        path::Root,
    },
    openapi::schema,
};

/// What was made; secret and private key are shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedOrganization)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreatedView {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    api_key: Option<ApiKeyView>,
    organization: OrganizationView,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    service_account: Option<AccountView>,
}

/// Answers 201. The caller has no rights in the new organization: who was made with it has.
#[utoipa::path(
    post,
    path = "",
    summary = "Create an organization",
    description = "With a service account or an API key that can enter it, or both. One of them must \
                   be an `ORG_OWNER`. The caller itself has no rights in it.",
    tag = "Organizations",
    request_body = inline(NewOrganizationBody),
    responses((status = 201, description = "What was made, with its secrets", body = CreatedView))
)]
pub(crate) async fn post(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    root: Root,
    JsonBody(body): JsonBody<NewOrganizationBody>,
) -> Result<(StatusCode, Json<CreatedView>), ApiError> {
    let new = NewOrganization::try_from(body)?;
    let created = authority.create_organization(&caller, &new).await?;
    let CreatedOrganization { organization, account, api_key } = created;
    let view = CreatedView {
        api_key: api_key.map(|(key, plain)| ApiKeyView::plain(&root, key, &plain)),
        organization: OrganizationView::new(&root, organization),
        service_account: account
            .map(|(account, secret)| AccountView::with_secret(account, secret.as_ref())),
    };
    Ok((StatusCode::CREATED, Json(view)))
}

/// An organization to be made.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewOrganizationBody {
    #[schema(value_type = schema::Name)]
    name: Name,
    #[schema(inline, value_type = Option<NewAccountSchema>)]
    service_account: Option<NewAccountBody>,
    #[schema(inline)]
    api_key: Option<NewApiKeyBody>,
}

impl TryFrom<NewOrganizationBody> for NewOrganization {
    type Error = ApiError;

    fn try_from(body: NewOrganizationBody) -> Result<Self, ApiError> {
        if body.service_account.is_none() && body.api_key.is_none() {
            return Err(ApiError::MissingAttribute("serviceAccount".to_owned()));
        }
        let of_org = |roles: RoleNames| roles.of_org().map(Roles::Org);
        Ok(Self {
            name: body.name,
            account: body.service_account.map(|account| account.with(of_org)).transpose()?,
            api_key: body.api_key.map(NewApiKey::try_from).transpose()?,
        })
    }
}
