//! What the authority promises, held against a real store on a disk and a clock that is moved.
#![allow(clippy::unwrap_used, reason = "test code")]

mod support;

mod adoption;
mod authenticate;
mod cancellation;
mod digest;
mod genuine;
mod group_commit;
mod in_doubt;
mod installation_key;
mod introspect;
mod last_used;
mod lists;
mod management;
mod model;
mod overload;
mod quota;
mod readiness;
mod revoke;
mod signing_keys;
mod start;
mod status_bits;
