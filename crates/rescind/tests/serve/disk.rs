//! A small disk that can be filled, and made read-only.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A file system in memory, unmounted when it is dropped.
#[derive(Debug)]
pub(crate) struct Tmpfs(TempDir);

impl Tmpfs {
    /// Mounts one of this size, which root alone may do; `None` where the environment says to do
    /// without.
    pub(crate) fn mount(size: &str) -> Option<Self> {
        if std::env::var_os("RESCIND_SKIP_TMPFS").is_some_and(|value| value == "1") {
            let mut stderr = io::stderr(); // past the capture of the test runner
            stderr.write_all(b"RESCIND_SKIP_TMPFS=1: a test of a disk is left out\n").unwrap();
            return None;
        }
        let point = tempfile::tempdir().unwrap();
        let size = format!("size={size}");
        let options = ["-t", "tmpfs", "-o", &size, "rescind-test"].map(OsStr::new);
        run("mount", &options, point.path()).unwrap_or_else(|error| {
            panic!("{error}; only root may mount: set RESCIND_SKIP_TMPFS=1 to do without")
        });
        Some(Self(point))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn make_read_only(&mut self) {
        run("mount", &["-o", "remount,ro"].map(OsStr::new), self.path()).unwrap();
    }

    /// Leaves no room for a single page more, until the file that is returned is removed.
    pub(crate) fn fill(&self) -> PathBuf {
        let ballast = self.path().join("ballast");
        let mut file = File::create(&ballast).unwrap();
        let error = loop {
            if let Err(error) = file.write_all(&[0; 4096]) {
                break error;
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{error}");
        ballast
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        if let Err(error) = run("umount", &[], self.path()) {
            // Not a panic: the test may be failing already, and that failure is the one to see.
            let _ = writeln!(io::stderr(), "{error}");
        }
    }
}

fn run(program: &str, options: &[&OsStr], target: &Path) -> io::Result<()> {
    let output = Command::new(program).args(options).arg(target).output()?;
    if output.status.success() {
        return Ok(());
    }
    let complaint = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(io::Error::other(format!("{program} {}: {complaint}", target.display())))
}
