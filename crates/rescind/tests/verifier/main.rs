//! The verifier beside the real authority: its process, its sockets, its disk, and what can happen
//! to them while tokens are revoked.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test code: what fails here fails the test")]

mod authority;
mod bearer;
mod changes;
mod faults;
mod modes;

use std::{
    net::{IpAddr, Ipv4Addr},
    time::{Duration, Instant},
};

use rescind_verifier::{Refusal, Verifier};

pub(crate) use self::authority::Authority;

pub(crate) const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Longer than anything takes that is not broken.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until `verifier` refuses `token` as revoked; fails when it takes too long, or when it
/// says anything else meanwhile than that it lives.
pub(crate) async fn wait_until_refused(verifier: &Verifier, token: &str) -> Duration {
    let started = Instant::now();
    loop {
        match verifier.verify(token, HOME).await {
            Ok(_) => assert!(started.elapsed() < PATIENCE, "it is still accepted"),
            Err(Refusal::Revoked) => return started.elapsed(),
            Err(other) => panic!("{other}"),
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
