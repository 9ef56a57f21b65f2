//! TLS on the connections of the server itself.

use std::{sync::Arc, time::Duration};

use http_body_util::{BodyExt as _, Empty};
use hyper::{Request, Version, body::Bytes, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rescind_core::clock::{Clock as _, SystemClock, UnixTime};
use rescind_harness::{Certificate, CertificateAuthority, Validity};
use rescind_http::{Identity, Tls, TlsError, Transport};
use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{Instant, timeout},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{Server, post, soon};
use crate::{
    app::{TOKEN, TestApp},
    operations,
};

const GRANT: &str = "grant_type=client_credentials";

pub(crate) fn tls(certificate: &Certificate, client_ca: Option<&str>) -> Result<Tls, TlsError> {
    let (pem, key) = (certificate.pem(), certificate.key_pem());
    let client_ca = client_ca.map(str::as_bytes);
    let identity = Identity { certificate: pem.as_bytes(), key: key.as_bytes(), client_ca };
    Tls::new(identity, SystemClock.now())
}

async fn server(app: &TestApp, tls: Tls) -> Server {
    let transport = Transport { tls: Some(Arc::new(tls)), ..Transport::default() };
    Server::of(app.router(), transport).await
}

async fn connect(
    server: &Server,
    config: Arc<ClientConfig>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(server.address).await?;
    let name = ServerName::try_from("127.0.0.1").unwrap();
    soon("a handshake", TlsConnector::from(config).connect(name, stream)).await
}

/// What a client with this configuration gets to read, up to the end.
async fn ask(
    server: &Server,
    config: &Arc<ClientConfig>,
    request: &str,
) -> std::io::Result<String> {
    let mut stream = connect(server, Arc::clone(config)).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    soon("an answer", stream.read_to_string(&mut answer)).await?;
    Ok(answer)
}

#[tokio::test]
async fn http_1_is_spoken_over_both_versions_of_tls() {
    let app = TestApp::start().await;
    let authority = CertificateAuthority::new().unwrap();
    let certificate = authority.issue(Validity::Current).unwrap();
    let server = server(&app, tls(&certificate, None).unwrap()).await;
    let request = post(&app, TOKEN, "Connection: close\r\n", GRANT);
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let config = authority.client_of(&[version], None).unwrap();
        let answer = ask(&server, &config, &request).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{version:?}: {answer}");
        let stream = connect(&server, config).await.unwrap();
        assert_eq!(stream.get_ref().1.protocol_version(), Some(version.version));
    }
}

#[tokio::test]
async fn a_client_that_knows_both_is_spoken_to_in_http_2() {
    let app = TestApp::start().await;
    let authority = CertificateAuthority::new().unwrap();
    let certificate = authority.issue(Validity::Current).unwrap();
    let server = server(&app, tls(&certificate, None).unwrap()).await;
    let offers = |protocols: &[&str]| {
        let mut config = ClientConfig::clone(&authority.client(None).unwrap());
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        Arc::new(config)
    };
    let rows = [
        (vec!["http/1.1", "h2"], Some("h2")),
        (vec!["http/1.1"], Some("http/1.1")),
        (vec![], None),
    ];
    for (offered, chosen) in rows {
        let stream = connect(&server, offers(&offered)).await.unwrap();
        let protocol = stream.get_ref().1.alpn_protocol();
        assert_eq!(protocol, chosen.map(str::as_bytes), "{offered:?}");
    }
    assert!(connect(&server, offers(&["smtp"])).await.is_err());

    let stream = connect(&server, offers(&["h2"])).await.unwrap();
    let (mut client, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get("https://localhost/healthz").body(Empty::<Bytes>::new()).unwrap();
    let answer = soon("an answer", client.send_request(request)).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.version()), (200, Version::HTTP_2));
    answer.into_body().collect().await.unwrap();
}

/// The state that a session is resumed from is the client's to keep.
#[tokio::test]
async fn a_session_is_resumed() {
    let app = TestApp::start().await;
    let authority = CertificateAuthority::new().unwrap();
    let certificate = authority.issue(Validity::Current).unwrap();
    let server = server(&app, tls(&certificate, None).unwrap()).await;
    let config = authority.client(None).unwrap();
    let request = post(&app, TOKEN, "Connection: close\r\n", GRANT);
    ask(&server, &config, &request).await.unwrap();
    let stream = connect(&server, config).await.unwrap();
    assert_eq!(stream.get_ref().1.handshake_kind(), Some(rustls::HandshakeKind::Resumed));
}

#[tokio::test]
async fn what_is_not_tls_is_closed_at_once() {
    let app = TestApp::start().await;
    let authority = CertificateAuthority::new().unwrap();
    let certificate = authority.issue(Validity::Current).unwrap();
    let server = server(&app, tls(&certificate, None).unwrap()).await;
    for sent in [post(&app, TOKEN, "", GRANT), "\0".repeat(100), "SSH-2.0-x\r\n".to_owned()] {
        let begun = Instant::now();
        let mut connection = server.connect().await;
        connection.send(&sent).await;
        let alert = connection.closed().await;
        assert!(alert.is_empty() || alert.starts_with('\x15'), "{sent:?}: {alert:?}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{sent:?}");
    }
}

/// Before it has agreed on TLS, a client has asked for nothing, and keeps no server from ending.
#[tokio::test]
async fn a_client_that_stops_within_the_handshake_is_let_go() {
    let app = TestApp::start().await;
    let authority = CertificateAuthority::new().unwrap();
    let certificate = authority.issue(Validity::Current).unwrap();
    let server = server(&app, tls(&certificate, None).unwrap()).await;
    let mut silent = server.connect().await;
    let mut halfway = server.connect().await;
    halfway.send(b"\x16\x03\x01\x02\0\x01").await;
    connect(&server, authority.client(None).unwrap()).await.unwrap();
    tokio::time::pause();
    let begun = Instant::now();
    let both = async { (silent.closed_whenever().await, halfway.closed_whenever().await) };
    let said = timeout(Duration::from_hours(1), both).await.expect("they are let go");
    assert_eq!(said, (String::new(), String::new()));
    assert!(begun.elapsed() <= Duration::from_secs(11), "{:?}", begun.elapsed());
    tokio::time::resume();

    let mut last = server.connect().await;
    connect(&server, authority.client(None).unwrap()).await.unwrap();
    soon("the server to end", server.stop()).await.unwrap();
    assert_eq!(last.closed().await, "");
}

#[tokio::test]
async fn with_a_client_ca_only_those_are_admitted_that_it_signed() {
    let app = TestApp::start().await;
    let authority = CertificateAuthority::new().unwrap();
    let operators = CertificateAuthority::new().unwrap();
    let certificate = authority.issue(Validity::Current).unwrap();
    let server = server(&app, tls(&certificate, Some(&operators.pem())).unwrap()).await;
    let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let rows = [
        ("one that it signed", Some(operators.issue(Validity::Current).unwrap()), true),
        ("none", None, false),
        ("one of another authority", Some(authority.issue(Validity::Current).unwrap()), false),
        ("one that has expired", Some(operators.issue(Validity::Expired).unwrap()), false),
    ];
    for (row, identity, admitted) in rows {
        for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
            let config = authority.client_of(&[version], identity.as_ref()).unwrap();
            let answer = ask(&server, &config, request).await;
            let is_answered = answer.as_ref().is_ok_and(|text| text.starts_with("HTTP/1.1 200 "));
            assert_eq!(is_answered, admitted, "row: {row}, {version:?}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn another_identity_is_used_from_the_next_connection_on() {
    let app = TestApp::start().await;
    let authorities = [CertificateAuthority::new().unwrap(), CertificateAuthority::new().unwrap()];
    let [old, new] =
        authorities.each_ref().map(|authority| authority.issue(Validity::Current).unwrap());
    let tls = Arc::new(tls(&old, None).unwrap());
    let transport = Transport { tls: Some(Arc::clone(&tls)), ..Transport::default() };
    let server = Server::of(app.router(), transport).await;
    let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut open = connect(&server, authorities[0].client(None).unwrap()).await.unwrap();

    let (pem, key) = (new.pem(), new.key_pem());
    let mut identity = Identity { certificate: pem.as_bytes(), key: b"no key", client_ca: None };
    let refused = tls.replace(identity, SystemClock.now());
    assert!(matches!(refused, Err(TlsError::NoKey)), "{refused:?}");
    ask(&server, &authorities[0].client(None).unwrap(), request).await.unwrap();
    identity.key = key.as_bytes();
    tls.replace(identity, SystemClock.now()).unwrap();
    ask(&server, &authorities[1].client(None).unwrap(), request).await.unwrap();
    ask(&server, &authorities[0].client(None).unwrap(), request).await.unwrap_err();

    open.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    soon("an answer", open.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn operators_see_when_the_certificate_in_use_expires() {
    fn identity((pem, key): &(String, String)) -> Identity<'_> {
        Identity { certificate: pem.as_bytes(), key: key.as_bytes(), client_ca: None }
    }

    let app = TestApp::start().await;
    let authority = CertificateAuthority::new().unwrap();
    let [long, short] = [Validity::Current, Validity::Expired].map(|validity| {
        let certificate = authority.issue(validity).unwrap();
        (certificate.pem(), certificate.key_pem())
    });
    let moment = |text: &str| text.parse::<UnixTime>().unwrap();
    let now = moment("2010-01-01T00:00:00Z");
    let [clients, operators] =
        [&long, &long].map(|of| Arc::new(Tls::new(identity(of), now).unwrap()));
    app.metrics.watch_certificate("clients", Arc::clone(&clients));
    app.metrics.watch_certificate("operators", operators);
    clients.replace(identity(&short), now).unwrap();
    for (listener, expiry) in [("clients", "2020"), ("operators", "4000")] {
        let line = format!(r#"rescind_certificate_expiry_seconds{{listener="{listener}"}}"#);
        let expiry = moment(&format!("{expiry}-01-01T00:00:00Z")).as_second();
        assert_eq!(operations::text_of(&app, &line).await, expiry.to_string(), "{listener}");
    }
}

#[test]
fn an_identity_that_clients_would_refuse_is_refused() {
    let authority = CertificateAuthority::new().unwrap();
    let current = authority.issue(Validity::Current).unwrap();
    let other = authority.issue(Validity::Current).unwrap();
    let (pem, key, other_key) = (current.pem(), current.key_pem(), other.key_pem());
    let ca = authority.pem();
    let expired = authority.issue(Validity::Expired).unwrap();
    let future = authority.issue(Validity::Future).unwrap();
    let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let broken = pem.replacen('M', "N", 1);
    #[rustfmt::skip]
    let rows: [(&str, &str, &str, Option<&str>, &str); 12] = [
        ("no certificate",        "",               &key,               None, "the certificate file holds no certificate"),
        ("a key in its place",    &key,             &key,               None, "the certificate file holds no certificate"),
        ("half a certificate",    &pem[..200],      &key,               None, "the certificate file holds no certificate"),
        ("garbage within",        &broken,          &key,               None, "invalid peer certificate"),
        ("no key",                &pem,             "",                 None, "the key file holds no private key"),
        ("a certificate for it",  &pem,             &pem,               None, "the key file holds no private key"),
        ("an encrypted key",      &pem,             &encrypted,         None, "the key file holds no private key"),
        ("another's key",         &pem,             &other_key,         None, "the key is not the one of the certificate"),
        ("expired",               &expired.pem(),   &expired.key_pem(), None, "the certificate expired on 2020-01-01T00:00:00Z"),
        ("not yet valid",         &future.pem(),    &future.key_pem(),  None, "the certificate is not valid before 3000-01-01T00:00:00Z"),
        ("no client CA",          &pem,             &key,               Some(""), "the client CA file holds no certificate"),
        ("a key as client CA",    &pem,             &key,               Some(&key), "the client CA file holds no certificate"),
    ];
    for (row, pem, key, client_ca, sentence) in rows {
        let client_ca = client_ca.map(str::as_bytes);
        let identity = Identity { certificate: pem.as_bytes(), key: key.as_bytes(), client_ca };
        let error = Tls::new(identity, SystemClock.now()).unwrap_err().to_string();
        assert!(error.starts_with(sentence), "row: {row}: {error}");
    }
    let chain = pem.clone() + &ca;
    let identity = Identity {
        certificate: chain.as_bytes(),
        key: key.as_bytes(),
        client_ca: Some(ca.as_bytes()),
    };
    Tls::new(identity, SystemClock.now()).unwrap();
}
