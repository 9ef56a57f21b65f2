//! Who belongs to an organization and can act in it, as far as requests need it.

use std::sync::Arc;

use rescind_core::{
    access_list::AccessList, account::Principal, api_key::ApiKeyPrincipal, authorization::Rights,
    id::PrincipalId,
};

/// A service account or an API key.
#[derive(Clone, Debug)]
pub(crate) enum Member {
    Account(Arc<Principal>),
    ApiKey(Arc<ApiKeyPrincipal>),
}

impl Member {
    pub(crate) fn id(&self) -> PrincipalId {
        match self {
            Self::Account(account) => account.client_id.into(),
            Self::ApiKey(key) => key.id.into(),
        }
    }

    pub(crate) fn rights(&self) -> &Rights {
        match self {
            Self::Account(account) => &account.rights,
            Self::ApiKey(key) => &key.rights,
        }
    }

    pub(crate) fn access_list(&self) -> Option<&AccessList> {
        match self {
            Self::Account(account) => account.access_list.as_deref(),
            Self::ApiKey(key) => key.access_list.as_deref(),
        }
    }

    /// The same, with no rights but to belong to its organization.
    pub(crate) fn without_rights(&self) -> Self {
        let rights = Rights::none(self.rights().org_id);
        match self {
            Self::Account(account) => {
                Self::Account(Arc::new(Principal { rights, ..Principal::clone(account) }))
            }
            Self::ApiKey(key) => {
                Self::ApiKey(Arc::new(ApiKeyPrincipal { rights, ..ApiKeyPrincipal::clone(key) }))
            }
        }
    }
}
