//! What a token says, read from the token itself and not by the code under test.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rescind_core::token::AccessToken;
use serde_json::Value;

/// The list and the index of its bit.
pub(crate) fn status_of(token: &AccessToken) -> (String, u64) {
    let claims = payload(token);
    let reference = &claims["status"]["status_list"];
    (reference["uri"].as_str().unwrap().to_owned(), reference["idx"].as_u64().unwrap())
}

pub(crate) fn issuer_of(token: &AccessToken) -> String {
    payload(token)["iss"].as_str().unwrap().to_owned()
}

fn payload(token: &AccessToken) -> Value {
    let payload = token.expose().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}
