//! What an agent does while it cannot hear its authority.

use std::{str::FromStr, time::Duration};

use rescind_verifier::LostTouch;

/// `closed`, `open=SECONDS` or `introspect`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OutOfTouch(pub(crate) LostTouch);

/// A text that is none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "it takes closed, introspect, or open=N, N seconds of silence in which tokens are taken all the same"
)]
pub(crate) struct ParseOutOfTouchError;

impl Default for OutOfTouch {
    fn default() -> Self {
        Self(LostTouch::FailClosed)
    }
}

impl FromStr for OutOfTouch {
    type Err = ParseOutOfTouchError;

    fn from_str(text: &str) -> Result<Self, ParseOutOfTouchError> {
        match (text, text.strip_prefix("open=")) {
            ("closed", _) => Ok(Self(LostTouch::FailClosed)),
            ("introspect", _) => Ok(Self(LostTouch::Introspect)),
            (_, Some(seconds)) => {
                let seconds: u32 = seconds.parse().map_err(|_| ParseOutOfTouchError)?;
                Ok(Self(LostTouch::FailOpen(Duration::from_secs(seconds.into()))))
            }
            _ => Err(ParseOutOfTouchError),
        }
    }
}
