//! stunnel in front of a server: TLS outside, plain HTTP inside.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::certificate::Certificate;
use crate::process::command;

const PATIENCE: Duration = Duration::from_secs(10);

/// A running stunnel, killed when it is dropped.
pub(super) struct TlsProxy(Child);

impl TlsProxy {
    /// Accepts TLS at `address` and passes on to the server at `url`; returns once it accepts.
    pub(super) fn start(
        address: SocketAddr,
        url: &str,
        certificate: &Certificate,
        folder: &Path,
    ) -> Result<Self> {
        let configuration = folder.join("stunnel.conf");
        let log = folder.join("stunnel.log");
        let text = format!(
            "foreground = yes\npid =\nsyslog = no\n\
             [rescind]\naccept = {address}\nconnect = {server}\ncert = {cert}\nkey = {key}\n",
            server = url.trim_start_matches("http://"),
            cert = certificate.certificate.display(),
            key = certificate.key.display(),
        );
        fs::write(&configuration, text).context("cannot write the configuration of stunnel")?;
        let output = File::create(&log).context("cannot create the log of stunnel")?;
        let process = command("stunnel4", &[])
            .arg(configuration)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(output)
            .spawn()
            .context("cannot run stunnel4")?;
        let mut proxy = Self(process);
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            if proxy.0.try_wait()?.is_some() || Instant::now() > deadline {
                let log = fs::read_to_string(log).unwrap_or_default();
                bail!("stunnel does not listen on {address}; its log says:\n{log}");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(proxy)
    }
}

impl Drop for TlsProxy {
    fn drop(&mut self) {
        // Both fail only where the process has ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
