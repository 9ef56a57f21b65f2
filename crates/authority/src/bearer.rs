//! Who is asking, by an access token (RFC 6750).

use std::sync::Arc;

use rescind_core::account::Principal;

use crate::Authority;

/// A service account that showed a live token of its own.
#[derive(Clone, Debug)]
pub struct Caller {
    principal: Arc<Principal>,
}

impl Caller {
    /// What is known of the account, as of now: its roles are not those of the token's issue.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }
}

impl Authority {
    /// The account that `token` was issued to, if the token is live.
    #[must_use]
    pub fn authorize(&self, token: &str) -> Option<Caller> {
        self.read_live(token).map(|(_, principal)| Caller { principal })
    }
}
