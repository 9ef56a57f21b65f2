//! Names and descriptions: which texts the contract takes (service-accounts-api.md 2.1).

use std::fmt;

use serde::Deserialize;

/// A text that is empty, too long, or has a character that does not belong in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a text of other characters, or of another length, than is allowed")]
pub struct ParseTextError;

/// A text of up to `MAX` letters and digits of any script, spaces, and `-` `_` `.` `,` `'`.
///
/// # Examples
///
/// ```
/// # use rescind_core::text::Name;
/// assert_eq!(Name::parse("inventory-export")?.as_str(), "inventory-export");
/// assert!(Name::parse("a;b").is_err());
/// # Ok::<(), rescind_core::text::ParseTextError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Text<const MAX: usize>(String);

/// The name of an account, a project or an organization.
pub type Name = Text<64>;

/// What something is for.
pub type Description = Text<250>;

impl<const MAX: usize> Text<MAX> {
    /// Takes a text.
    ///
    /// # Errors
    ///
    /// [`ParseTextError`] for one that is empty, too long, or has another character in it.
    pub fn parse(text: &str) -> Result<Self, ParseTextError> {
        let allowed = |c: char| c.is_alphanumeric() || " -_.,'".contains(c);
        let length = text.chars().take(MAX + 1).count();
        if (1..=MAX).contains(&length) && text.chars().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseTextError)
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

/// What an API key is for: up to 250 characters of any kind but control characters. The contract
/// names no others that it refuses.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct KeyDescription(String);

impl KeyDescription {
    /// Takes a text.
    ///
    /// # Errors
    ///
    /// [`ParseTextError`] for one that is empty, too long, or has a control character in it.
    pub fn parse(text: &str) -> Result<Self, ParseTextError> {
        let length = text.chars().take(251).count();
        if (1..=250).contains(&length) && !text.chars().any(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseTextError)
        }
    }
}

impl fmt::Display for KeyDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for KeyDescription {
    type Error = ParseTextError;

    fn try_from(text: String) -> Result<Self, ParseTextError> {
        Self::parse(&text)
    }
}

impl<const MAX: usize> TryFrom<String> for Text<MAX> {
    type Error = ParseTextError;

    fn try_from(text: String) -> Result<Self, ParseTextError> {
        Self::parse(&text)
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_rule() {
        let rows = [
            ("a", true),
            ("Nightly inventory export", true),
            ("it's a_b-c., 9", true),
            ("Zürich 東京", true),
            (&*"x".repeat(64), true),
            (&*"ü".repeat(64), true),
            (&*"x".repeat(65), false),
            ("", false),
            ("a;b", false),
            ("a\nb", false),
            ("a\0b", false),
            ("<script>", false),
        ];
        for (text, expected) in rows {
            assert_eq!(Name::parse(text).is_ok(), expected, "{text}");
        }
    }

    #[test]
    fn what_an_api_key_is_for_is_said_in_any_characters() {
        let rows = [
            ("CI/CD (prod): terraform", true),
            (&*"ü".repeat(250), true),
            (&*"x".repeat(251), false),
            ("", false),
            ("a\nb", false),
            ("a\0b", false),
        ];
        for (text, expected) in rows {
            assert_eq!(KeyDescription::parse(text).is_ok(), expected, "{text}");
        }
    }
}
