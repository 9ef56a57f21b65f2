//! The verifier over a real line, with an authority whose every answer can be held back: what
//! comes to pass when answers are late, wrong or none.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test code: what fails here fails the test"
)]

mod authority;
mod deaf;
mod feed;
mod keys;
mod nonsense;
mod stop;

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use rescind_verifier::{Refusal, Token, Verifier};
use tokio::task::JoinHandle;

pub(crate) use self::authority::{Authority, Held, arrived, claims, until, until_applied};

pub(crate) const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A verifier that has heard of its authority.
pub(crate) async fn in_touch(authority: &Authority) -> Verifier {
    let verifier = authority.verifier().start().unwrap();
    verifier.ready().await;
    verifier
}

/// What comes of a token that is looked at beside what else goes on.
pub(crate) type Verification = JoinHandle<Result<Arc<Token>, Refusal>>;

/// Verifies beside what else goes on.
pub(crate) fn verify(verifier: &Verifier, token: &str) -> Verification {
    let (verifier, token) = (verifier.clone(), token.to_owned());
    tokio::spawn(async move { verifier.verify(&token, HOME).await })
}
