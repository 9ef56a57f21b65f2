//! Certificates made for one run, and the authority that signs them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};

use crate::Error;

/// Signs certificates for 127.0.0.1, for servers as for clients.
pub struct CertificateAuthority(CertifiedIssuer<'static, KeyPair>);

/// When a certificate can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// Now.
    Current,
    /// No more.
    Expired,
    /// Not yet.
    Future,
    /// From so much later on.
    In(Duration),
}

/// A certificate and its key.
pub struct Certificate {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

/// The PEM files of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The certificate.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl CertificateAuthority {
    /// A new one.
    ///
    /// # Errors
    ///
    /// [`Error::Certificate`] when the library cannot make one.
    pub fn new() -> Result<Self, Error> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Rescind test authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().map_err(certificate_error)?;
        CertifiedIssuer::self_signed(params, key).map(Self).map_err(certificate_error)
    }

    /// Its own certificate, which clients are to trust.
    #[must_use]
    pub fn pem(&self) -> String {
        pem("CERTIFICATE", self.0.der())
    }

    /// A certificate for 127.0.0.1, signed by it.
    ///
    /// # Errors
    ///
    /// [`Error::Certificate`] when the library cannot make one.
    #[expect(
        clippy::disallowed_methods,
        reason = "the server under test has the real clock as well"
    )]
    pub fn issue(&self, validity: Validity) -> Result<Certificate, Error> {
        let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
        let mut params = CertificateParams::new(names).map_err(certificate_error)?;
        let new_year = |year| date_time_ymd(year, 1, 1);
        (params.not_before, params.not_after) = match validity {
            Validity::Current => (new_year(2000), new_year(4000)),
            Validity::Expired => (new_year(2000), new_year(2020)),
            Validity::Future => (new_year(3000), new_year(4000)),
            Validity::In(delay) => ((SystemTime::now() + delay).into(), new_year(4000)),
        };
        let key = KeyPair::generate().map_err(certificate_error)?;
        let certificate = params.signed_by(&key, &self.0).map_err(certificate_error)?;
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        Ok(Certificate { certificate: certificate.der().clone(), key })
    }

    /// How a client speaks TLS that trusts this authority, and that shows `identity` if it has one.
    ///
    /// # Errors
    ///
    /// [`Error::Certificate`] when the library does not like what it is given.
    pub fn client(&self, identity: Option<&Certificate>) -> Result<Arc<ClientConfig>, Error> {
        self.client_of(rustls::ALL_VERSIONS, identity)
    }

    /// The same for some versions of TLS only.
    ///
    /// # Errors
    ///
    /// As [`CertificateAuthority::client`].
    pub fn client_of(
        &self,
        versions: &[&'static SupportedProtocolVersion],
        identity: Option<&Certificate>,
    ) -> Result<Arc<ClientConfig>, Error> {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).map_err(certificate_error)?;
        let config = ClientConfig::builder_with_provider(default_provider().into())
            .with_protocol_versions(versions)
            .map_err(certificate_error)?
            .with_root_certificates(roots);
        let config = match identity {
            None => config.with_no_client_auth(),
            Some(Certificate { certificate, key }) => config
                .with_client_auth_cert(vec![certificate.clone()], key.clone_key())
                .map_err(certificate_error)?,
        };
        Ok(config.into())
    }
}

impl Certificate {
    /// The certificate in PEM.
    #[must_use]
    pub fn pem(&self) -> String {
        pem("CERTIFICATE", &self.certificate)
    }

    /// Its private key in PEM.
    #[must_use]
    pub fn key_pem(&self) -> String {
        pem("PRIVATE KEY", self.key.secret_der())
    }

    /// Writes both into `folder`, in the place of what was there; the key first, so that whoever
    /// sees a new certificate finds its key.
    ///
    /// # Errors
    ///
    /// [`Error::Control`] when the operating system refuses.
    pub fn write_to(&self, folder: &Path) -> Result<CertificateFiles, Error> {
        let files =
            CertificateFiles { certificate: folder.join("cert.pem"), key: folder.join("key.pem") };
        fs::write(&files.key, self.key_pem())?;
        fs::write(&files.certificate, self.pem())?;
        Ok(files)
    }
}

/// RFC 7468.
fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = format!("-----BEGIN {label}-----\n");
    for line in text.as_bytes().chunks(64) {
        pem.extend(line.iter().map(|byte| char::from(*byte)));
        pem.push('\n');
    }
    pem + &format!("-----END {label}-----\n")
}

fn certificate_error(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Certificate(cause.into())
}
