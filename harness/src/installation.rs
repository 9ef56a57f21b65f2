//! `rescind init`: a data directory and its first service account.

use std::ffi::OsStr;
use std::fmt;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use crate::Error;

/// What `rescind init` made: the default organization and project, and a service account that owns
/// the organization.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Installation {
    /// The organization, 24 hexadecimal digits.
    pub org_id: String,
    /// The project, 24 hexadecimal digits.
    pub project_id: String,
    /// The service account.
    pub client_id: String,
    /// Its secret in the clear.
    pub client_secret: String,
}

impl Installation {
    /// Runs `rescind init --format json` on `data_dir`.
    ///
    /// # Errors
    ///
    /// [`Error::Init`] when it refuses, for example because the store is not empty.
    pub fn init(binary: impl AsRef<Path>, data_dir: impl AsRef<Path>) -> Result<Self, Error> {
        let binary = binary.as_ref();
        let output = on_data_dir(binary, "init", data_dir.as_ref())
            .args(["--format", "json"])
            .output()
            .map_err(|source| Error::Run { binary: binary.to_owned(), source })?;
        serde_json::from_slice(&output.stdout).ok().filter(|_| output.status.success()).ok_or_else(
            || Error::Init {
                status: output.status,
                stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
                stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            },
        )
    }
}

/// The secret stays out of failure messages.
impl fmt::Debug for Installation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Installation").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// `rescind SUBCOMMAND --data-dir DATA_DIR`, without the settings of whoever runs the tests.
pub(crate) fn on_data_dir(binary: &Path, subcommand: &str, data_dir: &Path) -> Command {
    let mut command = command(binary, subcommand);
    command.arg("--data-dir").arg(data_dir);
    command
}

/// `rescind SUBCOMMAND`, without the settings of whoever runs the tests.
pub(crate) fn command(binary: &Path, subcommand: &str) -> Command {
    let mut command = Command::new(binary);
    for (name, _) in std::env::vars_os() {
        if is_setting(&name) {
            command.env_remove(name);
        }
    }
    command.arg(subcommand);
    command
}

fn is_setting(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b"RESCIND_")
}
