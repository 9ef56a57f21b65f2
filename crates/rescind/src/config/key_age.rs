//! How old a signing key may become.

use std::str::FromStr;

use jiff::{Span, SpanRelativeTo};

const DAY: i64 = 24 * 3600;

/// The age at which a signing key is replaced, in seconds: a day at least, since a key is published
/// for hours before it signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyAge(i64);

/// A text that is no age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an age of keys looks like 90d or 2160h, and is a day at least")]
pub(crate) struct ParseKeyAgeError;

impl KeyAge {
    /// The age in seconds.
    pub(crate) fn as_seconds(self) -> i64 {
        self.0
    }
}

/// Ninety days.
impl Default for KeyAge {
    fn default() -> Self {
        Self(90 * DAY)
    }
}

impl FromStr for KeyAge {
    type Err = ParseKeyAgeError;

    fn from_str(text: &str) -> Result<Self, ParseKeyAgeError> {
        let span: Span = text.parse().map_err(|_| ParseKeyAgeError)?;
        let days_have_24_hours = SpanRelativeTo::days_are_24_hours();
        let age = span.to_duration(days_have_24_hours).map_err(|_| ParseKeyAgeError)?.as_secs();
        if age < DAY { Err(ParseKeyAgeError) } else { Ok(Self(age)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_a_duration_of_a_day_or_more() {
        let rows = [
            ("90d", Ok(KeyAge::default())),
            ("1d", Ok(KeyAge(DAY))),
            ("24h", Ok(KeyAge(DAY))),
            ("2w", Ok(KeyAge(14 * DAY))),
            ("1d 12h", Ok(KeyAge(DAY + DAY / 2))),
            ("23h 59m", Err(ParseKeyAgeError)),
            ("0", Err(ParseKeyAgeError)),
            ("90", Err(ParseKeyAgeError)),
            ("-90d", Err(ParseKeyAgeError)),
            ("3 months", Err(ParseKeyAgeError)), // of which length?
            ("", Err(ParseKeyAgeError)),
            ("never", Err(ParseKeyAgeError)),
            ("99999999999999999999d", Err(ParseKeyAgeError)),
        ];
        for (text, expected) in rows {
            assert_eq!(text.parse(), expected, "row: {text}");
        }
    }
}
