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

use std::net::{IpAddr, Ipv4Addr};

pub(crate) use self::authority::{Authority, arrived, claims, until, until_applied};

pub(crate) const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
