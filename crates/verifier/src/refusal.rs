//! Why a token is not accepted.

use std::time::Duration;

/// Why a token is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is not a token that the authority has signed for this audience.
    #[error("not a token of this authority for this audience")]
    Unknown,
    /// It is not valid yet.
    #[error("the token is not valid yet")]
    NotYet,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// It was taken back, or its account is gone.
    #[error("the token was revoked")]
    Revoked,
    /// Its account may not be used from this address.
    #[error("the address is not on the access list of the account")]
    Address,
    /// The authority has not been heard of for too long: nobody can tell whether it was revoked.
    #[error("out of touch with the authority for {} s", .0.as_secs())]
    OutOfTouch(Duration),
    /// The authority has not been heard of since the start.
    #[error("not yet in touch with the authority")]
    NeverInTouch,
    /// Something that was needed of the authority could not be had.
    #[error("the authority did not answer: {0}")]
    Unavailable(String),
}

impl Refusal {
    /// Whether it is for the client to do something about it (401 or 403), or for nobody but the
    /// operator (503).
    #[must_use]
    pub const fn is_final(&self) -> bool {
        match self {
            Self::Unknown | Self::NotYet | Self::Expired | Self::Revoked | Self::Address => true,
            Self::OutOfTouch(_) | Self::NeverInTouch | Self::Unavailable(_) => false,
        }
    }
}
