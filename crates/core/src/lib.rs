//! The domain of Rescind, pure: no I/O, no async, no clock but the one that is handed in.
//!
//! Read in this order: [`id`] and [`secret`] (what a service account is known by),
//! [`account`], [`role`] and [`authorization`] (what it may do), [`access_list`] (from where), [`token`], [`signing`] and [`key_ring`] (what it is given),
//! [`status_list`] and [`revocation`] (how that is taken back), [`status_list_token`] (how others see it),
//! [`rate`] and [`rate_limiter`] (how often one may ask), [`live_tokens`] (and how many one can have).
//! Beside accounts there are API keys: [`api_key`], [`digest`] and [`nonce`].

pub mod access_list;
pub mod account;
pub mod adoption;
pub mod api_key;
pub mod authorization;
pub mod clock;
pub mod data_keys;
pub mod digest;
pub mod id;
pub mod installation_key;
pub mod jwk;
pub mod key_ring;
pub mod live_tokens;
mod low_s;
pub mod nonce;
pub mod organization;
pub mod public_key;
pub mod random;
pub mod rate;
pub mod rate_limiter;
pub mod revocation;
pub mod role;
mod sealed;
pub mod secret;
pub mod signing;
pub mod status_list;
pub mod status_list_token;
pub mod text;
pub mod token;
