//! The management API, row by row of service-accounts-api.md and conventions.md.
//!
//! `stage` is a service with somebody who owns it, `literal` the errors of section 9.

mod access_lists;
mod assignments;
mod bad_input;
mod creation;
mod endpoints;
mod events;
mod fields;
mod lists;
mod literal;
mod neighbours;
mod paths;
mod rate_limit;
mod roles;
mod secrets;
mod stage;
mod strangers;
mod tokens;
