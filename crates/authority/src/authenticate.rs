//! Who is asking, by client id and secret (oauth-endpoints.md 1.2).

use std::{net::IpAddr, sync::Arc};

use rescind_core::{account::Principal, id::SecretId};
use rescind_store::Actor;

use crate::Authority;

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

impl Authority {
    /// The client that `client_id` and `secret` prove, asking from `address`; `None` for an
    /// unknown id and for a wrong, expired or deleted secret alike.
    ///
    /// All of these take the same path: an unknown id is compared with an account that nobody has
    /// the secret of.
    #[must_use]
    pub fn authenticate(&self, client_id: &str, secret: &str, address: IpAddr) -> Option<Client> {
        let now = self.0.clock.now();
        let known = client_id.parse().ok().and_then(|id| self.0.view.principal(id));
        let principal = known.unwrap_or_else(|| Arc::clone(&self.0.nobody));
        let secret_id = principal.authenticate(&self.0.hasher.hash(secret), now)?;
        self.0.last_used.record(secret_id, now);
        Some(Client { principal, secret_id, address })
    }
}
