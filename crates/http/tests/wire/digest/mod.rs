//! API keys that log in by HTTP Digest (conventions.md 1.1, RFC 7616): `client` is who does it.

mod access;
mod challenge;
pub(crate) mod client;
mod login;
mod nonces;
mod switched_off;

const ORGS: &str = "/api/public/v1.0/orgs";
