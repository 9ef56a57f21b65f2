//! What the contract says of all answers alike.

pub(crate) mod client_address;
pub(crate) mod contract_headers;
pub(crate) mod media_type;
pub(crate) mod presentation;
mod pretty;
pub(crate) mod request_log;
pub(crate) mod unread_body;
