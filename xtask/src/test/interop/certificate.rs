//! A certificate for 127.0.0.1, made for one run.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process::{command, output};

/// Not an authority: rustls refuses one as the certificate of a server.
const CONFIGURATION: &str = "\
[req]
prompt = no
distinguished_name = name
x509_extensions = extensions
[name]
commonName = Rescind interop
[extensions]
basicConstraints = critical, CA:FALSE
subjectAltName = IP:127.0.0.1
";

/// A self-signed certificate and its key, in PEM files.
pub(super) struct Certificate {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

impl Certificate {
    /// Makes both in `folder`.
    pub(super) fn make(folder: &Path) -> Result<Self> {
        let configuration = folder.join("openssl.cnf");
        fs::write(&configuration, CONFIGURATION)
            .with_context(|| format!("cannot write {}", configuration.display()))?;
        let made = Self { certificate: folder.join("cert.pem"), key: folder.join("key.pem") };
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
        let mut openssl = command("openssl", &["req", "-x509", "-nodes", "-days", "2"]);
        openssl.args(curve).arg("-config").arg(configuration);
        openssl.arg("-out").arg(&made.certificate).arg("-keyout").arg(&made.key);
        output(&mut openssl)?;
        Ok(made)
    }
}
