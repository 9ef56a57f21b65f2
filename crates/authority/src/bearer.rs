//! Who is asking, by an access token (RFC 6750).

use std::net::IpAddr;

use crate::{AddressRefused, Authority, Caller, member::Member};

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
        self.admit(&*principal, address)?;
        Ok(Caller::new(Member::Account(principal), address))
    }
}
