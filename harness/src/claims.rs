//! What a token says of itself, read without checking its signature: the server under test does
//! that.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

/// The claims that a test looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// `jti`.
    pub id: String,
    /// `exp`, in seconds since 1970.
    pub expires_at: u64,
    /// `status.status_list`.
    pub status: StatusBit,
}

/// The one bit that says whether a token is revoked; no two tokens may ever share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StatusBit {
    /// The number of the list: the last segment of its `uri`.
    pub list: u64,
    /// `idx`: the place in the list.
    pub index: u64,
}

impl Claims {
    /// Reads `token`; `None` when it is not a token of the documented form.
    #[must_use]
    pub fn of(token: &str) -> Option<Self> {
        let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
        let Payload { jti, exp, status: Status { status_list } } =
            serde_json::from_slice(&payload).ok()?;
        let list = status_list.uri.rsplit_once('/')?.1.parse().ok()?;
        Some(Self { id: jti, expires_at: exp, status: StatusBit { list, index: status_list.idx } })
    }
}

/// The token with another end of its signature.
#[must_use]
pub fn altered(token: &str) -> String {
    // A quarter of all signatures of 64 bytes end with an A.
    let (rest, end) = token.split_at(token.len().saturating_sub(1));
    format!("{rest}{}", if end == "A" { "Q" } else { "A" })
}

#[derive(Deserialize)]
struct Payload {
    jti: String,
    exp: u64,
    status: Status,
}

#[derive(Deserialize)]
struct Status {
    status_list: StatusList,
}

#[derive(Deserialize)]
struct StatusList {
    idx: u64,
    uri: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_when_it_expires_and_where_its_bit_is() {
        let payload = r#"{"iss":"http://h","jti":"j","exp":3600,
            "status":{"status_list":{"idx":77,"uri":"http://h/statuslists/12"}}}"#;
        let token = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(payload));
        let status = StatusBit { list: 12, index: 77 };
        assert_eq!(
            Claims::of(&token),
            Some(Claims { id: "j".to_owned(), expires_at: 3600, status })
        );
    }

    #[test]
    fn what_is_no_token_has_no_claims() {
        for text in ["", "a.b", "a.!.c", "e30.e30.e30"] {
            assert_eq!(Claims::of(text), None, "{text:?}");
        }
    }
}
