//! TLS 1.2 and 1.3, with a certificate that can be exchanged while the server runs.

use std::{io, sync::Arc};

use arc_swap::ArcSwap;
use rescind_core::clock::UnixTime;
use rustls::{
    InconsistentKeys, RootCertStore, ServerConfig,
    crypto::aws_lc_rs::{Ticketer, default_provider},
    pki_types::{self, CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
    sign::{CertifiedKey, SingleCertAndKey},
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use webpki::{EndEntityCert, KeyUsage};

/// HTTP/2 before HTTP/1.1, as a client names them that speaks both (RFC 7301).
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// How a listener proves who it is, and whom it admits. All of it is the text of PEM files.
#[derive(Clone, Copy)]
pub struct Identity<'a> {
    /// The certificate, and behind it those that lead to one that clients know.
    pub certificate: &'a [u8],
    /// Its private key, in the clear.
    pub key: &'a [u8],
    /// Only clients with a certificate that one of these signed are admitted; `None`: all are.
    pub client_ca: Option<&'a [u8]>,
}

/// Why an [`Identity`] cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file of the certificate has none.
    #[error("the certificate file holds no certificate in PEM")]
    NoCertificate,
    /// The file of the key has none, or an encrypted one.
    #[error("the key file holds no private key in PEM, or one that is encrypted")]
    NoKey,
    /// Each is fine, but they are not a pair.
    #[error("the key is not the one of the certificate")]
    NotAPair,
    /// No client would accept it.
    #[error("the certificate expired on {0}")]
    Expired(UnixTime),
    /// No client would accept it yet.
    #[error("the certificate is not valid before {0}")]
    NotYetValid(UnixTime),
    /// The certificate or the key is of a kind that cannot be used.
    #[error("{0}")]
    Unusable(#[from] rustls::Error),
    /// The certificates that client certificates are held against.
    #[error("the client CA file holds no certificate in PEM that could sign others")]
    ClientCa,
}

/// TLS for the connections of one listener.
#[derive(Debug)]
pub struct Tls(ArcSwap<Secured>);

/// What connections are secured with.
#[derive(Debug)]
struct Secured {
    config: Arc<ServerConfig>,
    expires_at: UnixTime,
}

impl Tls {
    /// TLS under `identity`, which has to be valid `now`.
    ///
    /// # Errors
    ///
    /// [`TlsError`] says what is wrong with it.
    pub fn new(identity: Identity<'_>, now: UnixTime) -> Result<Self, TlsError> {
        secured(identity, now).map(|secured| Self(ArcSwap::from_pointee(secured)))
    }

    /// Uses another identity from the next connection on. Those that are open stay as they are.
    ///
    /// # Errors
    ///
    /// As [`Tls::new`]; the old one is kept then.
    pub fn replace(&self, identity: Identity<'_>, now: UnixTime) -> Result<(), TlsError> {
        self.0.store(Arc::new(secured(identity, now)?));
        Ok(())
    }

    /// The last second of the certificate that is in use.
    #[must_use]
    pub fn expires_at(&self) -> UnixTime {
        self.0.load().expires_at
    }

    /// The TLS connection over `stream`, once both sides are content with each other.
    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let config = Arc::clone(&self.0.load().config);
        TlsAcceptor::from(config).accept(stream).await
    }
}

fn secured(identity: Identity<'_>, now: UnixTime) -> Result<Secured, TlsError> {
    let provider = Arc::new(default_provider());
    let (key, expires_at) = certified_key(identity, now)?;
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(rustls::ALL_VERSIONS)?;
    let builder = match identity.client_ca {
        Some(pem) => builder.with_client_cert_verifier(client_verifier(pem, provider)?),
        None => builder.with_no_client_auth(),
    };
    let mut config = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(key)));
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).into();
    // What a client needs to resume its session it keeps itself: the server remembers none.
    config.ticketer = Ticketer::new()?;
    Ok(Secured { config: Arc::new(config), expires_at })
}

/// The key with its certificate, and the last second of that.
fn certified_key(
    identity: Identity<'_>,
    now: UnixTime,
) -> Result<(CertifiedKey, UnixTime), TlsError> {
    let chain = certificates(identity.certificate).ok_or(TlsError::NoCertificate)?;
    let key = PrivateKeyDer::from_pem_slice(identity.key).map_err(|_| TlsError::NoKey)?;
    let first = chain.first().ok_or(TlsError::NoCertificate)?;
    check_validity(first, now)?;
    // At the end of time each has expired, and it is told when.
    let expires_at = match check_validity(first, UnixTime::from_second(i64::MAX)) {
        Err(TlsError::Expired(at)) => at,
        Err(error) => return Err(error),
        Ok(()) => UnixTime::from_second(i64::MAX),
    };
    let key = CertifiedKey::from_der(chain, key, &default_provider()).map_err(|error| {
        let mismatch = rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch);
        if error == mismatch { TlsError::NotAPair } else { error.into() }
    })?;
    Ok((key, expires_at))
}

/// All certificates of a PEM text; `None` where one is broken or there is none.
fn certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let found = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>().ok()?;
    (!found.is_empty()).then_some(found)
}

/// The dates of a certificate are the first thing that is looked at on the way to an authority. No
/// authority is offered, so the way itself always fails, and that is not what is asked here.
fn check_validity(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), TlsError> {
    let unreadable = |_| rustls::Error::InvalidCertificate(rustls::CertificateError::BadEncoding);
    let certificate = EndEntityCert::try_from(certificate).map_err(unreadable)?;
    let at = pki_types::UnixTime::since_unix_epoch(std::time::Duration::from_secs(
        now.as_second().try_into().unwrap_or_default(),
    ));
    let usage = KeyUsage::server_auth();
    match certificate.verify_for_usage(&[], &[], &[], at, usage, None, None) {
        Err(webpki::Error::CertExpired { not_after, .. }) => {
            Err(TlsError::Expired(moment(not_after)))
        }
        Err(webpki::Error::CertNotValidYet { not_before, .. }) => {
            Err(TlsError::NotYetValid(moment(not_before)))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

fn moment(time: pki_types::UnixTime) -> UnixTime {
    UnixTime::from_second(time.as_secs().try_into().unwrap_or(i64::MAX))
}

fn client_verifier(
    pem: &[u8],
    provider: Arc<rustls::crypto::CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let mut authorities = RootCertStore::empty();
    for certificate in certificates(pem).ok_or(TlsError::ClientCa)? {
        authorities.add(certificate).map_err(|_| TlsError::ClientCa)?;
    }
    WebPkiClientVerifier::builder_with_provider(authorities.into(), provider)
        .build()
        .map_err(|_| TlsError::ClientCa)
}
