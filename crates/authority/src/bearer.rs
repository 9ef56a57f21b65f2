//! Who is asking, by an access token (RFC 6750).

use std::{net::IpAddr, sync::Arc};

use rescind_core::{account::Principal, authorization::Rights, id::ClientId};
use rescind_store::Actor;

use crate::{AddressRefused, Authority, view::View};

/// A service account that showed a live token of its own.
#[derive(Clone, Debug)]
pub struct Caller {
    principal: Arc<Principal>,
    address: IpAddr,
}

impl Caller {
    /// What it may do, as of now: its roles are not those of the token's issue.
    #[must_use]
    pub fn rights(&self) -> &Rights {
        &self.principal.rights
    }

    /// The account.
    #[must_use]
    pub fn client_id(&self) -> ClientId {
        self.principal.client_id
    }

    /// Where it is asking from.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.address
    }

    pub(crate) fn actor(&self) -> Actor {
        Actor::Account { client_id: self.principal.client_id, address: self.address }
    }

    /// The same caller, with what it may do now; nothing at all if its account is gone.
    pub(crate) fn as_of_now(&self, view: &View) -> Self {
        let client_id = self.client_id();
        let principal = view.principal(client_id).unwrap_or_else(|| {
            let rights = Rights::none(self.rights().org_id);
            Arc::new(Principal { client_id, rights, credentials: Vec::new(), access_list: None })
        });
        Self { principal, address: self.address }
    }
}

/// Why somebody may not call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthorizeError {
    /// The token is expired, revoked, or not one of ours.
    #[error("the token is not live")]
    Dead,
    /// The account may not be used from this address.
    #[error(transparent)]
    Address(#[from] AddressRefused),
}

impl Authority {
    /// The account that `token` was issued to, asking from `address`.
    ///
    /// # Errors
    ///
    /// [`AuthorizeError`].
    pub fn authorize(&self, token: &str, address: IpAddr) -> Result<Caller, AuthorizeError> {
        let (_, principal) = self.read_live(token).ok_or(AuthorizeError::Dead)?;
        self.admit(&principal, address)?;
        Ok(Caller { principal, address })
    }
}
