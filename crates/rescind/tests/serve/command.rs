//! Commands beside the server, as a script or an operator meets them.

use std::path::Path;
use std::process::{Command, Output};

use crate::BINARY;

/// `rescind WORDS --data-dir DIR`, without the settings of whoever runs the tests.
pub(crate) fn rescind(words: &[&str], data_dir: &Path) -> Command {
    let mut command = Command::new(BINARY);
    command.env_clear().args(words).arg("--data-dir").arg(data_dir);
    command
}

/// What it prints when it has done what was asked.
pub(crate) fn success(command: &mut Command) -> String {
    let output = command.env("RESCIND_LOG", "off").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", complaint(&output));
    assert_eq!(complaint(&output), "");
    String::from_utf8(output.stdout).unwrap()
}

/// Its one sentence when it could not.
pub(crate) fn failure(command: &mut Command) -> String {
    let output = command.env("RESCIND_LOG", "off").output().unwrap();
    let complaint = complaint(&output);
    assert_eq!((output.status.code(), &*output.stdout), (Some(1), &b""[..]), "{complaint}");
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    complaint.trim_end().strip_prefix("rescind: ").unwrap().to_owned()
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
