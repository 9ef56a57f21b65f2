//! `POST …/serviceAccounts`: a new account with its first secret (O2, P2).

use axum::{Json, extract::State, http::StatusCode};
use rescind_authority::{Authority, NewAccount, Roles};
use rescind_core::text::{Description, Name};
use serde::Deserialize;
use serde_json::json;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use super::AccountView;
use crate::{
    admin::{
        attribute::{Hours, RoleNames},
        authenticated::Authenticated,
        body::JsonBody,
        error::ApiError,
        path::InScope,
    },
    openapi::schema,
};

/// Answers 201 with the account and, this once, the secret.
#[utoipa::path(
    post,
    path = "",
    summary = "Create a service account",
    description = "Its first secret is shown this once. From a project, the account is made in the \
                   organization and assigned to the project.",
    tag = "Service accounts",
    request_body = inline(NewAccountSchema),
    responses((status = 201, description = "The account, with its secret", body = AccountView))
)]
pub(crate) async fn post(
    State(authority): State<Authority>,
    Authenticated(caller): Authenticated,
    InScope(scope): InScope,
    JsonBody(body): JsonBody<NewAccountBody>,
) -> Result<(StatusCode, Json<AccountView>), ApiError> {
    let new = body.with(|roles| roles.at(scope))?;
    let (account, secret) = authority.create_account(&caller, scope, &new).await?;
    Ok((StatusCode::CREATED, Json(AccountView::with_secret(account, secret.as_ref()))))
}

/// An account to be made.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct NewAccountBody {
    #[schema(value_type = schema::Name)]
    name: Name,
    #[schema(value_type = schema::Description)]
    description: Description,
    #[schema(inline)]
    roles: RoleNames,
    /// How long its first secret lives.
    secret_expires_after_hours: Option<Hours>,
    /// Makes an account without a secret, and excludes `secretExpiresAfterHours`.
    without_initial_secret: Option<bool>,
}

/// The schema of the same: there is to be a first secret, or none.
pub(crate) enum NewAccountSchema {}

impl PartialSchema for NewAccountSchema {
    fn schema() -> RefOr<Schema> {
        schema::from_json(json!({
            "allOf": [NewAccountBody::schema(), { "oneOf": [
                {
                    "type": "object",
                    "properties": {
                        "secretExpiresAfterHours": Hours::schema(),
                        "withoutInitialSecret": {
                            "type": ["boolean", "null"],
                            "enum": [false, null],
                        },
                    },
                    "required": ["secretExpiresAfterHours"],
                },
                {
                    "type": "object",
                    "properties": {
                        "secretExpiresAfterHours": { "type": "null" },
                        "withoutInitialSecret": { "type": "boolean", "enum": [true] },
                    },
                    "required": ["withoutInitialSecret"],
                },
            ]}],
        }))
    }
}

impl ToSchema for NewAccountSchema {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        NewAccountBody::schemas(schemas);
    }
}

impl NewAccountBody {
    /// With its roles, which `level` reads.
    pub(crate) fn with(
        self,
        level: impl FnOnce(RoleNames) -> Result<Roles, ApiError>,
    ) -> Result<NewAccount, ApiError> {
        const HOURS: &str = "secretExpiresAfterHours";
        let without = self.without_initial_secret.unwrap_or_default();
        let secret_hours = match (without, self.secret_expires_after_hours) {
            (false, None) => return Err(ApiError::MissingAttribute(HOURS.to_owned())),
            (true, Some(_)) => return Err(ApiError::InvalidAttribute(HOURS.to_owned())),
            (_, hours) => hours.map(|Hours(hours)| hours),
        };
        let (name, description) = (self.name, self.description);
        Ok(NewAccount { name, description, roles: level(self.roles)?, secret_hours })
    }
}
