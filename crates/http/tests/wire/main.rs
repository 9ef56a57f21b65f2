//! The wire contract, row by row: what a client sends, the very bytes that it gets, and whether
//! the token is really alive afterwards.
//!
//! Rows are cited as `oauth-endpoints.md 5.2`; `app` is the service that they run on, `call` one
//! request to its router, `literal` the bodies of the contract. What only bytes on a connection can
//! show is in `socket`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test code: a failure is a failed test")]

mod app;
mod authentication;
mod bad_input;
mod bearer;
mod body;
mod call;
mod claims;
mod digest;
mod discovery;
mod feed;
mod groups;
mod headers;
mod host;
mod introspect;
mod literal;
mod logs;
mod management;
mod openapi;
mod operations;
mod organizations;
mod overload;
mod precedence;
mod presentation;
mod quota;
mod rate_limits;
mod revoke;
mod socket;
mod store_failure;
mod token;
