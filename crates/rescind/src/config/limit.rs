//! A limit that can be turned off.

use std::{fmt, str::FromStr};

/// What `off` turns off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit<T> {
    /// There is none.
    Off,
    /// It is this.
    At(T),
}

/// A text that is neither `off` nor what the limit is a number of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}; or `off`")]
pub(crate) struct ParseLimitError<E: fmt::Display>(E);

impl<T> Limit<T> {
    /// The limit, if there is one.
    pub(crate) fn into_option(self) -> Option<T> {
        match self {
            Self::Off => None,
            Self::At(limit) => Some(limit),
        }
    }
}

impl<T: FromStr<Err: fmt::Display>> FromStr for Limit<T> {
    type Err = ParseLimitError<T::Err>;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "off" {
            return Ok(Self::Off);
        }
        text.parse().map(Self::At).map_err(ParseLimitError)
    }
}
