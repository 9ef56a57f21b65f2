//! Service accounts (service-accounts-api.md 2 to 4).

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;

use rescind_authority::{Account, NewSecret, Roles};
use rescind_core::{clock::UnixTime, id::ClientId};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::secrets::SecretView;
use crate::openapi::schema;

/// A service account.
// In the order of the contract's samples.
#[derive(Serialize, ToSchema)]
#[schema(as = ServiceAccount)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountView {
    #[schema(value_type = schema::Time)]
    created_at: UnixTime,
    description: String,
    #[schema(value_type = schema::ClientId)]
    client_id: ClientId,
    name: String,
    /// Its roles in the organization or the project that it is looked at from.
    #[serde(serialize_with = "names")]
    #[schema(value_type = Vec<schema::Role>)]
    roles: Roles,
    secrets: Vec<SecretView>,
}

impl From<Account> for AccountView {
    fn from(Account { account, roles }: Account) -> Self {
        Self {
            created_at: account.created_at,
            description: account.description,
            client_id: account.client_id,
            name: account.name,
            roles,
            secrets: account.secrets.iter().map(SecretView::masked).collect(),
        }
    }
}

impl AccountView {
    /// An account that was just made: the one time that its secret is shown.
    pub(crate) fn with_secret(account: Account, secret: Option<&NewSecret>) -> Self {
        let secrets = secret.map(SecretView::plain).into_iter().collect();
        Self { secrets, ..account.into() }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn names<S: Serializer>(roles: &Roles, serializer: S) -> Result<S::Ok, S::Error> {
    match roles {
        Roles::Org(roles) => serializer.collect_seq(roles.iter()),
        Roles::Group(roles) => serializer.collect_seq(roles.iter()),
    }
}
