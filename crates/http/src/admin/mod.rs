//! The management API (service-accounts-api.md, conventions.md).
//!
//! Below `/orgs` and `/groups` lie the same accounts: an endpoint that is the same for both is one
//! file, and takes the scope from its path.

pub(crate) mod access_lists;
pub(crate) mod accounts;
pub(crate) mod api_keys;
pub(crate) mod assignments;
mod attribute;
pub(crate) mod authenticated;
pub(crate) mod body;
pub(crate) mod challenge;
pub mod digest;
pub(crate) mod error;
pub(crate) mod error_code;
pub(crate) mod events;
pub(crate) mod groups;
pub(crate) mod ipinfo;
mod json;
pub(crate) mod limit;
pub(crate) mod organizations;
mod page;
mod path;
pub(crate) mod root;
pub(crate) mod secrets;
pub(crate) mod tokens;

pub(crate) use self::error::{forbid_the_denied, method_not_allowed, not_found};
