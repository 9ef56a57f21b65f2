//! Signing keys as an operator sees them.

use std::fmt;

use rescind_core::{key_ring::KeyState, signing::KeyInfo};
use serde::{Deserialize, Serialize};

/// A signing key; the names are a promise to scripts.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyRow {
    kid: String,
    algorithm: String,
    created_at: String,
    #[serde(flatten)]
    state: State,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase", rename_all_fields = "camelCase")]
enum State {
    Published { signs_from: String },
    Current,
    Retired { verifies_until: String },
}

/// A row for each of `keys`.
pub(crate) fn rows(keys: &[(KeyInfo, KeyState)]) -> Vec<KeyRow> {
    let row = |(key, state): &(KeyInfo, KeyState)| KeyRow {
        kid: key.kid.to_string(),
        algorithm: key.algorithm.to_string(),
        created_at: key.created_at.to_string(),
        state: match state {
            KeyState::Published => State::Published { signs_from: key.signs_from.to_string() },
            KeyState::Current => State::Current,
            KeyState::Retired { until } => State::Retired { verifies_until: until.to_string() },
        },
    };
    keys.iter().map(row).collect()
}

/// A line of a table.
impl fmt::Display for KeyRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kid, algorithm, created_at, state } = self;
        write!(f, "{kid}  {algorithm:9}  {created_at}  ")?;
        match state {
            State::Published { signs_from } => write!(f, "signs from {signs_from}"),
            State::Current => f.write_str("current"),
            State::Retired { verifies_until } => write!(f, "verifies until {verifies_until}"),
        }
    }
}

/// What stands above the lines.
pub(crate) const HEADING: &str =
    "KID                                   ALGORITHM  CREATED               STATE";
