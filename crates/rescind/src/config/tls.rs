//! The files that TLS is made of.

use std::path::PathBuf;

use anyhow::bail;

/// A certificate and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TlsFiles {
    /// The certificate, and behind it those that lead to one that clients know.
    pub(crate) certificate: PathBuf,
    /// Its private key.
    pub(crate) key: PathBuf,
}

impl TlsFiles {
    /// Both of them; `None`: no TLS.
    ///
    /// # Errors
    ///
    /// One is of no use without the other.
    pub(super) fn both(
        certificate: Option<PathBuf>,
        key: Option<PathBuf>,
    ) -> anyhow::Result<Option<Self>> {
        match (certificate, key) {
            (Some(certificate), Some(key)) => Ok(Some(Self { certificate, key })),
            (None, None) => Ok(None),
            (Some(_), None) => {
                bail!("--tls-cert is of no use without its key: name it with --tls-key")
            }
            (None, Some(_)) => {
                bail!("--tls-key is of no use without its certificate: name it with --tls-cert")
            }
        }
    }
}
