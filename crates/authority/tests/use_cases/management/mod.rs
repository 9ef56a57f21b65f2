//! service-accounts-api.md: who may change what, and what is different then.

mod access_lists;
mod api_keys;
mod conflicts;
mod deletion;
mod escalation;
mod founding;
mod limits;
mod memory;
mod order;
mod owners;
mod permissions;
mod roles;
mod secrets;
mod staff;

use self::staff::{group_roles, hire, new_account, org_roles};
