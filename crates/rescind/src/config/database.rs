//! The URL of a database, as it was given.

use std::fmt;

use rescind_store::{DatabaseUrl, ParseDatabaseUrlError};
use serde::Deserialize;

/// It may hold a password. So it is never shown, and is understood only where no tool that reads
/// settings repeats it in its error.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct DatabaseText(String);

impl DatabaseText {
    pub(super) fn parse(&self) -> Result<DatabaseUrl, ParseDatabaseUrlError> {
        self.0.parse()
    }
}

impl From<String> for DatabaseText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for DatabaseText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseText(..)")
    }
}
