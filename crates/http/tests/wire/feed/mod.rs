//! What resource servers follow: status lists, the feed, receipts. Beyond the contract.

mod account;
mod follow;
mod receipt;
mod status_list;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

/// What a JWT says, unverified.
fn payload(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// The list of a token, as a number, and its bit there.
fn status(token: &str) -> (String, u32) {
    let payload = payload(token);
    let reference = &payload["status"]["status_list"];
    let list = reference["uri"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    (list, u32::try_from(reference["idx"].as_u64().unwrap()).unwrap())
}
