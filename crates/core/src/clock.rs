//! Time, as the contract counts it: whole seconds of UTC (conventions.md 5).

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

/// A moment, in whole seconds since 1970-01-01T00:00:00Z.
///
/// # Examples
///
/// ```
/// # use rescind_core::clock::UnixTime;
/// let opened = UnixTime::from_second(1_740_819_600);
/// assert_eq!(opened.to_string(), "2025-03-01T09:00:00Z");
/// assert_eq!(opened.plus_seconds(60).as_second(), 1_740_819_660);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(i64);

impl UnixTime {
    /// The moment `second` seconds after the epoch.
    #[must_use]
    pub const fn from_second(second: i64) -> Self {
        Self(second)
    }

    /// Seconds since the epoch, as the `iat` and `exp` of a token count them (RFC 7519 section 2).
    #[must_use]
    pub const fn as_second(self) -> i64 {
        self.0
    }

    /// This moment moved by `seconds`, which may be negative. Stops at the ends of time.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }
}

/// `YYYY-MM-DDThh:mm:ssZ`; a year that ISO 8601 has no four digits for shows as seconds.
impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0) {
            Ok(timestamp) => timestamp.fmt(f),
            Err(_) => write!(f, "@{}", self.0),
        }
    }
}

/// A text that is no moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a moment looks like 2025-03-01T09:00:00Z")]
pub struct ParseTimeError;

/// ISO 8601, to the second; a moment without a zone is one of UTC (conventions.md 5).
impl FromStr for UnixTime {
    type Err = ParseTimeError;

    fn from_str(text: &str) -> Result<Self, ParseTimeError> {
        let zoned = text.parse::<jiff::Timestamp>();
        let timestamp = zoned.or_else(|_| {
            let local: jiff::civil::DateTime = text.parse()?;
            jiff::tz::Offset::UTC.to_timestamp(local)
        });
        timestamp.map(|timestamp| Self(timestamp.as_second())).map_err(|_| ParseTimeError)
    }
}

impl Serialize for UnixTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Where the time comes from.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> UnixTime;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixTime {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one place that asks the machine"
        )]
        UnixTime(jiff::Timestamp::now().as_second())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_the_contract_writes_it() {
        let json = serde_json::to_string(&UnixTime::from_second(1_743_501_600)).unwrap();
        assert_eq!(json, r#""2025-04-01T10:00:00Z""#);
    }

    #[test]
    fn a_moment_without_a_zone_is_one_of_utc() {
        let rows = [
            ("2025-04-01T10:00:00Z", Ok(1_743_501_600)),
            ("2025-04-01T10:00:00", Ok(1_743_501_600)),
            ("2025-04-01T12:00:00+02:00", Ok(1_743_501_600)),
            ("2025-04-01", Ok(1_743_465_600)),
            ("yesterday", Err(ParseTimeError)),
            ("", Err(ParseTimeError)),
        ];
        for (text, expected) in rows {
            assert_eq!(text.parse().map(UnixTime::as_second), expected, "{text}");
        }
    }

    #[test]
    fn the_ends_of_time_do_not_panic() {
        assert_eq!(
            UnixTime::from_second(i64::MAX).plus_seconds(1).to_string(),
            format!("@{}", i64::MAX)
        );
    }
}
