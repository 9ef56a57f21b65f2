//! What holds the store, and how it fails.

use std::path::PathBuf;

use rescind_harness::Server;
use tempfile::TempDir;

/// Something that a server runs on, and that can crash.
pub(crate) trait Machine {
    /// Where the store lies until the next crash.
    fn data_dir(&self) -> PathBuf;

    /// Crashes, with the server if one is running, and comes back.
    fn crash(&mut self, server: Option<Server>);
}

/// The process dies; the kernel, and with it all that was ever written to a file, lives on.
#[derive(Debug)]
pub(crate) struct KilledProcess(TempDir);

impl KilledProcess {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
}

impl Machine for KilledProcess {
    fn data_dir(&self) -> PathBuf {
        self.0.path().join("data")
    }

    fn crash(&mut self, server: Option<Server>) {
        if let Some(server) = server {
            server.kill().unwrap();
        }
    }
}
