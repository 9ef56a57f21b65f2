//! Which projects a service account is assigned to (service-accounts-api.md 6).

pub(crate) mod create;
pub(crate) mod invited;
pub(crate) mod list;
