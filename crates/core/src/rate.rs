//! How often somebody may ask (conventions.md 6).

use std::{
    fmt,
    num::{NonZeroU16, NonZeroU32},
    str::FromStr,
};

/// So many requests in so many minutes: `10/1m` is ten in one. The contract's answers speak of
/// whole minutes, so there are no others.
///
/// ```
/// # use rescind_core::rate::Rate;
/// let rate: Rate = "10/1m".parse()?;
/// assert_eq!((rate.requests.get(), rate.window_seconds()), (10, 60));
/// # Ok::<(), rescind_core::rate::ParseRateError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The most requests of one window.
    pub requests: NonZeroU32,
    /// How long a window is.
    pub minutes: NonZeroU16,
}

/// A text that is no rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a rate looks like 10/1m, ten requests in one minute")]
pub struct ParseRateError;

impl Rate {
    /// How long a window is, in seconds.
    #[must_use]
    pub fn window_seconds(self) -> u32 {
        u32::from(self.minutes.get()) * 60
    }
}

impl FromStr for Rate {
    type Err = ParseRateError;

    fn from_str(text: &str) -> Result<Self, ParseRateError> {
        let (requests, minutes) = text.split_once('/').ok_or(ParseRateError)?;
        let minutes = minutes.strip_suffix('m').ok_or(ParseRateError)?;
        Ok(Self { requests: number(requests)?, minutes: number(minutes)? })
    }
}

/// The standard library would take a `+` too.
fn number<T: FromStr>(digits: &str) -> Result<T, ParseRateError> {
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        digits.parse().map_err(|_| ParseRateError)
    } else {
        Err(ParseRateError)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}m", self.requests, self.minutes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_read_as_it_is_written() {
        for text in ["10/1m", "1/1m", "100/60m", "4294967295/65535m"] {
            assert_eq!(text.parse::<Rate>().map(|rate| rate.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        #[rustfmt::skip]
        let rows = [
            "", "/", "10", "10/", "/1m", "10/1", "10/m", "0/1m", "10/0m", "-1/1m", "+1/1m", "1/+1m", " 10/1m",
            "10/1m ", "10/60s", "10/1h", "10/1M", "1.5/1m", "10/1m/1m", "4294967296/1m", "1/65536m",
        ];
        for text in rows {
            assert_eq!(text.parse::<Rate>(), Err(ParseRateError), "row: {text:?}");
        }
    }
}
