//! The certificates of the listeners: read at the start, and again whenever their files change or
//! the process gets a SIGHUP.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use rescind_core::clock::{Clock as _, SystemClock};
use rescind_http::{Identity, Tls};
use tokio::{fs, time::sleep};
use zeroize::Zeroizing;

use crate::{config::TlsFiles, signals::HangUps};

/// How often it is looked whether the files have changed.
const PERIOD: Duration = Duration::from_secs(2);

/// The TLS of one listener, and the files that it is made of.
pub(crate) struct Certificate {
    files: TlsFiles,
    client_ca: Option<PathBuf>,
    tls: Arc<Tls>,
    /// What the files held when they were last looked at, or why they could not be read.
    seen: Result<Texts, String>,
    /// Why that is not in use, if it is not.
    refused: Option<String>,
}

/// What the files hold.
#[derive(PartialEq, Eq)]
struct Texts {
    certificate: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
    client_ca: Option<Vec<u8>>,
}

impl Certificate {
    /// Reads the files. With a `client_ca`, only clients with a certificate that one of those in it
    /// signed are admitted.
    ///
    /// # Errors
    ///
    /// One sentence says which files cannot be used, and why.
    pub(crate) async fn load(files: TlsFiles, client_ca: Option<PathBuf>) -> anyhow::Result<Self> {
        let texts = Texts::read(&files, client_ca.as_deref()).await?;
        let tls = Tls::new(texts.identity(), SystemClock.now());
        let tls = tls.with_context(|| unusable(&files, client_ca.as_deref()))?.into();
        Ok(Self { files, client_ca, tls, seen: Ok(texts), refused: None })
    }

    /// What connections are secured with: at any time, the newest certificate that can be used.
    pub(crate) fn tls(&self) -> Arc<Tls> {
        Arc::clone(&self.tls)
    }

    /// Reads the files again, and uses them if they are others than before, or could not be used
    /// then: the time of a certificate may have come. Where that cannot be done, what was read
    /// before is used on; that is said once.
    async fn look(&mut self) {
        let texts = Texts::read(&self.files, self.client_ca.as_deref()).await;
        let texts = texts.map_err(|error| format!("{error:#}"));
        if texts == self.seen && self.refused.is_none() {
            return;
        }
        let certificate = self.files.certificate.display();
        match texts.as_ref().map_err(Clone::clone).and_then(|texts| self.replace(texts)) {
            Ok(()) => {
                tracing::info!(%certificate, "a new certificate is in use");
                self.refused = None;
            }
            Err(error) => {
                if self.refused.as_ref() != Some(&error) {
                    tracing::error!("{error}; the certificate from before stays in use");
                }
                self.refused = Some(error);
            }
        }
        self.seen = texts;
    }

    fn replace(&self, texts: &Texts) -> Result<(), String> {
        let replaced = self.tls.replace(texts.identity(), SystemClock.now());
        let unusable = || unusable(&self.files, self.client_ca.as_deref());
        replaced.map_err(|error| format!("{}: {error}", unusable()))
    }
}

/// Uses every new certificate that the files get, soon or on a SIGHUP at once.
pub(crate) async fn follow(mut certificates: Vec<Certificate>, mut hang_ups: HangUps) {
    loop {
        tokio::select! {
            () = hang_ups.next() => {}
            () = sleep(PERIOD) => {}
        }
        for certificate in &mut certificates {
            certificate.look().await;
        }
    }
}

impl Texts {
    async fn read(files: &TlsFiles, client_ca: Option<&Path>) -> anyhow::Result<Self> {
        let client_ca = match client_ca {
            Some(path) => Some(read(path).await?),
            None => None,
        };
        let key = read(&files.key).await?.into();
        Ok(Self { certificate: read(&files.certificate).await?, key, client_ca })
    }

    fn identity(&self) -> Identity<'_> {
        let Self { certificate, key, client_ca } = self;
        Identity { certificate, key, client_ca: client_ca.as_deref() }
    }
}

async fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).await.with_context(|| format!("cannot read {} for TLS", path.display()))
}

fn unusable(files: &TlsFiles, client_ca: Option<&Path>) -> String {
    let TlsFiles { certificate, key } = files;
    let (certificate, key) = (certificate.display(), key.display());
    match client_ca.map(Path::display) {
        None => format!("cannot use the certificate {certificate} with the key {key}"),
        Some(ca) => {
            format!(
                "cannot use the certificate {certificate} with the key {key} and the client CA {ca}"
            )
        }
    }
}
