//! Who is asking, by client id and secret (oauth-endpoints.md 1.2).

use std::{net::IpAddr, sync::Arc};

use rescind_core::{account::Principal, id::SecretId};
use rescind_store::Actor;

use crate::{AddressRefused, Authority};

/// A service account that proved who it is with one of its secrets.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) principal: Arc<Principal>,
    pub(crate) secret_id: SecretId,
    pub(crate) address: IpAddr,
}

impl Client {
    /// What is known of the account.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    pub(crate) fn actor(&self) -> Actor {
        Actor::Account { client_id: self.principal.client_id, address: self.address }
    }
}

/// Why somebody is not taken for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticateError {
    /// An unknown id, or a wrong, expired or deleted secret: one and the same.
    #[error("the id and the secret prove no client")]
    Unknown,
    /// A client, from an address that it may not be used from.
    #[error(transparent)]
    Address(#[from] AddressRefused),
}

impl Authority {
    /// The client that `client_id` and `secret` prove, asking from `address`.
    ///
    /// An unknown id takes the same path as a wrong secret: it is compared with an account that
    /// nobody has the secret of. The address is looked at last, so that only the client learns of
    /// its access list (oauth-endpoints.md 5.1).
    ///
    /// # Errors
    ///
    /// [`AuthenticateError`].
    pub fn authenticate(
        &self,
        client_id: &str,
        secret: &str,
        address: IpAddr,
    ) -> Result<Client, AuthenticateError> {
        let now = self.0.clock.now();
        let known = client_id.parse().ok().and_then(|id| self.0.view.principal(id));
        let principal = known.unwrap_or_else(|| Arc::clone(&self.0.nobody));
        let secret_id = principal
            .authenticate(&self.0.hasher.hash(secret), now)
            .ok_or(AuthenticateError::Unknown)?;
        if self.0.settings.access_lists_on_oauth {
            self.admit(&*principal, address)?;
        }
        self.0.last_used.record(secret_id, now);
        Ok(Client { principal, secret_id, address })
    }
}
