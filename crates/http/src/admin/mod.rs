//! The management API (service-accounts-api.md, conventions.md).

mod authenticated;
pub(crate) mod challenge;
mod error;
pub(crate) mod groups;
pub(crate) mod organizations;
mod page;

pub(crate) use self::error::{method_not_allowed, not_found};
