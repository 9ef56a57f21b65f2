//! What resource servers follow to check tokens by themselves: signed status lists, the feed of
//! what changes, and how far its followers are. Beyond the contract.

pub(crate) mod account;
pub(crate) mod acknowledge;
mod event;
pub(crate) mod follow;
pub(crate) mod receipt;
pub(crate) mod status_list;
pub(crate) mod status_lists;

use axum::http::{HeaderName, HeaderValue};
use rescind_authority::Seq;

/// The number of an event: what carries it is true up to that event of the change log.
pub(crate) const EVENT: HeaderName = HeaderName::from_static("rescind-event");

/// The number as the value of its header.
pub(crate) fn event_number(event: Seq) -> HeaderValue {
    event.0.into()
}
