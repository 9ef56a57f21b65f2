//! The endpoints that speak OAuth 2.0 (oauth-endpoints.md).

pub mod basic;
mod error;
pub mod form;
pub(crate) mod introspect;
mod limit;
mod prefer;
mod request;
pub(crate) mod revoke;
pub(crate) mod token;
mod token_form;

pub(crate) use self::error::{Description, method_not_allowed};
