//! Is this token live, and what does it say? (RFC 7662)

use std::sync::Arc;

use rescind_core::{account::Principal, token::Claims};

use crate::{Authority, Client};

/// A live token.
#[derive(Clone, Debug)]
pub struct LiveToken {
    /// What it says.
    pub claims: Claims,
    /// The account that it was issued to.
    pub principal: Arc<Principal>,
}

impl Authority {
    /// What `token` says, if it is live and of the organization of `client`; `None` for everything
    /// else, so that nobody learns of tokens that are not theirs.
    #[must_use]
    pub fn introspect(&self, client: &Client, token: &str) -> Option<LiveToken> {
        let (claims, principal) = self.read_live(token)?;
        (principal.rights.org_id == client.principal.rights.org_id)
            .then_some(LiveToken { claims, principal })
    }
}
