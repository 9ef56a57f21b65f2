//! The management API, row by row of service-accounts-api.md and conventions.md.
//!
//! `stage` is a service with somebody who owns it, `literal` the errors of section 9.

mod access_lists;
mod api_keys;
mod assignments;
mod bad_input;
mod conflicts;
mod creation;
mod endpoints;
mod events;
mod fields;
mod key_access_lists;
mod lists;
mod literal;
mod neighbours;
mod new_organizations;
mod paths;
mod rate_limit;
mod roles;
mod secrets;
mod stage;
mod strangers;
mod tokens;
