//! TLS as an operator sets it up: certificates in files, which are exchanged while it runs.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rescind_harness::{
    Certificate, CertificateAuthority, CertificateFiles, Client, Error, Installation, Server,
    ServerBuilder, Signal, Validity,
};

use crate::BINARY;
use crate::refusal::refusal;

const PATIENCE: Duration = Duration::from_secs(30);
const HTTPS_URL: &str = "https://rescind.test";

/// An installation, an authority, and a certificate of it in files.
struct Stage {
    root: tempfile::TempDir,
    account: Installation,
    authority: CertificateAuthority,
    files: CertificateFiles,
}

impl Stage {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let account = Installation::init(BINARY, root.path().join("data")).unwrap();
        let authority = CertificateAuthority::new().unwrap();
        let files = authority.issue(Validity::Current).unwrap().write_to(root.path()).unwrap();
        Self { root, account, authority, files }
    }

    fn serve(&self) -> ServerBuilder {
        Server::builder(BINARY, self.root.path().join("data")).tls(&self.files)
    }

    /// Puts another certificate into the place of the first, whole at once.
    fn exchange(&self, certificate: &Certificate) {
        let aside = self.root.path().join("aside");
        fs::create_dir_all(&aside).unwrap();
        let new = certificate.write_to(&aside).unwrap();
        fs::rename(new.key, &self.files.key).unwrap();
        fs::rename(new.certificate, &self.files.certificate).unwrap();
    }
}

fn client(server: &Server, authority: &CertificateAuthority) -> Client {
    Client::new(server.url()).over_tls(authority.client(None).unwrap())
}

/// Waits until it is so.
async fn until(what: &str, server: &Server, mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < deadline, "never {what}: {}", server.output());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn is_served(server: &Server, authority: &CertificateAuthority) -> bool {
    match client(server, authority).get("/healthz").await {
        Ok(answer) => answer.status == 200,
        Err(Error::NoAnswer(_)) => false,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn tokens_are_had_and_taken_back_over_tls() {
    let stage = Stage::new();
    let server = stage.serve().start().unwrap();
    assert!(server.url().starts_with("https://127.0.0.1:"), "{}", server.url());
    let mut client = client(&server, &stage.authority).with_credentials(&stage.account);
    let answer = client.token().await.unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["strict-transport-security"], "max-age=300");
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    assert!(client.is_active(&token).await.unwrap());
    assert_eq!(client.revoke(&token).await.unwrap().status, 200);
    assert!(!client.is_active(&token).await.unwrap());
    let metadata = client.get("/.well-known/oauth-authorization-server").await.unwrap().json();
    assert_eq!(metadata["issuer"], server.url());
}

#[tokio::test]
async fn a_new_certificate_is_used_and_open_connections_go_on() {
    for told in [true, false] {
        let stage = Stage::new();
        let server = stage.serve().start().unwrap();
        let mut open = client(&server, &stage.authority).with_credentials(&stage.account);
        let token = open.issue().await.unwrap();
        let other = CertificateAuthority::new().unwrap();
        stage.exchange(&other.issue(Validity::Current).unwrap());
        if told {
            server.signal(Signal::HUP).unwrap();
        }
        until("the new certificate", &server, async || is_served(&server, &other).await).await;
        assert!(!is_served(&server, &stage.authority).await);
        // A new connection of this client would find a certificate that it does not trust.
        assert!(open.is_active(&token).await.unwrap());
        drop(open);
        let exit = server.terminate().unwrap();
        assert_eq!(exit.status.code(), Some(0), "{}", exit.stderr);
        assert!(exit.stderr.contains("a new certificate is in use"), "{}", exit.stderr);
    }
}

#[tokio::test]
async fn files_that_cannot_be_used_leave_the_old_certificate_in_use() {
    let stage = Stage::new();
    let server = stage.serve().start().unwrap();
    let expired = stage.authority.issue(Validity::Expired).unwrap();
    stage.exchange(&expired);
    until("told of the date", &server, async || {
        server.output().contains("the certificate expired on 2020-01-01T00:00:00Z; the cert")
    })
    .await;
    assert!(is_served(&server, &stage.authority).await);
    fs::remove_file(&stage.files.key).unwrap();
    until("told of the loss", &server, async || server.output().contains("No such file")).await;
    assert!(is_served(&server, &stage.authority).await);

    let other = CertificateAuthority::new().unwrap();
    stage.exchange(&other.issue(Validity::Current).unwrap());
    until("the new certificate", &server, async || is_served(&server, &other).await).await;
    let log = server.terminate().unwrap().stderr;
    let complaints = log.matches("the certificate from before stays in use").count();
    assert!((2..=4).contains(&complaints), "once for each change: {log}");
}

#[tokio::test]
async fn a_certificate_whose_time_comes_is_used_then() {
    let stage = Stage::new();
    let server = stage.serve().start().unwrap();
    let other = CertificateAuthority::new().unwrap();
    stage.exchange(&other.issue(Validity::In(Duration::from_secs(5))).unwrap());
    until("told of the date", &server, async || server.output().contains("not valid before")).await;
    assert!(is_served(&server, &stage.authority).await);
    until("the new certificate", &server, async || is_served(&server, &other).await).await;
    let log = server.terminate().unwrap().stderr;
    assert_eq!(log.matches("the certificate from before stays in use").count(), 1, "{log}");
}

#[test]
fn files_that_cannot_be_used_stop_the_start() {
    let root = tempfile::tempdir().unwrap();
    let authority = CertificateAuthority::new().unwrap();
    let write = |name: &str, text: &str| {
        let path = root.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let issued = authority.issue(Validity::Current).unwrap();
    let good = write("cert.pem", &issued.pem());
    let key = write("key.pem", &issued.key_pem());
    let other_key = write("other.pem", &authority.issue(Validity::Current).unwrap().key_pem());
    let expired = authority.issue(Validity::Expired).unwrap();
    let old = (write("old.pem", &expired.pem()), write("old.key", &expired.key_pem()));
    let nowhere = root.path().join("nowhere.pem");
    let pair = |certificate: &PathBuf, key: &PathBuf| {
        vec![
            format!("--tls-cert={}", certificate.display()),
            format!("--tls-key={}", key.display()),
        ]
    };
    let with = |mut args: Vec<String>, more: &[&str]| {
        args.extend(more.iter().map(|arg| (*arg).to_owned()));
        args
    };
    #[rustfmt::skip]
    let rows = [
        (pair(&good, &key)[..1].to_vec(),   "--tls-cert is of no use without its key: name it with --tls-key"),
        (pair(&good, &key)[1..].to_vec(),   "--tls-key is of no use without its certificate: name it with --tls-cert"),
        (pair(&nowhere, &key),              "nowhere.pem for TLS: No such file or directory"),
        (pair(&good, &nowhere),             "nowhere.pem for TLS: No such file or directory"),
        (pair(&good, &other_key),           "other.pem: the key is not the one of the certificate"),
        (pair(&key, &key),                  "the certificate file holds no certificate in PEM"),
        (pair(&good, &good),                "the key file holds no private key in PEM"),
        (pair(&old.0, &old.1),              "the certificate expired on 2020-01-01T00:00:00Z"),
        (with(pair(&good, &key), &["--public-url=http://rescind.test"]), "--public-url begins with http://, but clients reach a server with --tls-cert by https:// only"),
        (with(pair(&good, &key), &["--operator-client-ca=ca.pem"]),      "--operator-client-ca is for a listener for operators that speaks TLS: "),
        (with(pair(&good, &key), &["--operator-listen=127.0.0.1:0", &format!("--operator-client-ca={}", key.display())]), "the client CA file holds no certificate in PEM"),
        (vec!["--http-redirect-listen=127.0.0.1:0".to_owned()],          "--http-redirect-listen sends clients to https://: "),
        (vec!["--proxy-protocol=on".to_owned()],                         "--proxy-protocol on serves nobody but trusted proxies: name them with --trusted-proxies"),
    ];
    for (args, complaint) in rows {
        let data_dir = root.path().join("data");
        let server = args.iter().fold(Server::builder(BINARY, &data_dir), ServerBuilder::arg);
        let sentence = refusal(server);
        assert!(sentence.contains(complaint), "{args:?}: {sentence}");
        assert!(!data_dir.exists(), "{args:?}");
    }
}

#[tokio::test]
async fn plain_http_is_sent_to_the_https_url_and_nothing_else() {
    let stage = Stage::new();
    let redirect = free_address();
    let server = stage.serve().public_url(HTTPS_URL).arg("--http-redirect-listen").arg(&redirect);
    let server = server.start().unwrap();
    let mut plain = Client::new(&redirect).with_credentials(&stage.account);
    let rows = [
        (plain.token().await.unwrap(), "https://rescind.test/api/oauth/token"),
        (plain.get("/a/b?c=d%20e&f").await.unwrap(), "https://rescind.test/a/b?c=d%20e&f"),
        (plain.get("//elsewhere.test/").await.unwrap(), "https://rescind.test//elsewhere.test/"),
        (plain.get("/healthz").await.unwrap(), "https://rescind.test/healthz"),
    ];
    for (answer, location) in rows {
        assert_eq!(answer.status, 301, "{location}");
        assert_eq!(answer.headers["location"], location);
        assert_eq!(answer.text(), "", "{location}");
        assert!(!answer.headers.contains_key("strict-transport-security"), "{location}");
    }
    let mut star = TcpStream::connect(&redirect).unwrap();
    star.set_read_timeout(Some(PATIENCE)).unwrap();
    star.write_all(b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    star.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("\r\nLocation: https://rescind.test/\r\n"), "{answer}");

    drop(plain);
    let exit = server.terminate().unwrap();
    assert_eq!(exit.status.code(), Some(0), "{}", exit.stderr);
    assert!(TcpStream::connect(&redirect).is_err());
}

/// A proxy that ends TLS may leave the redirection to the server.
#[tokio::test]
async fn a_server_without_a_certificate_can_send_to_an_https_url() {
    let stage = Stage::new();
    let redirect = free_address();
    let server = Server::builder(BINARY, stage.root.path().join("data"));
    let server = server.public_url(HTTPS_URL).arg("--http-redirect-listen").arg(&redirect);
    let server = server.start().unwrap();
    assert!(server.url().starts_with("http://"), "{}", server.url());
    let answer = Client::new(&redirect).get("/").await.unwrap();
    assert_eq!(answer.headers["location"], "https://rescind.test/");
}

#[tokio::test]
async fn operators_show_a_certificate_where_one_is_asked_for() {
    let stage = Stage::new();
    let signer = CertificateAuthority::new().unwrap();
    let ca = stage.root.path().join("operators.pem");
    fs::write(&ca, signer.pem()).unwrap();
    let server = stage.serve().arg("--operator-listen=127.0.0.1:0");
    let server = server.arg("--operator-client-ca").arg(&ca).start().unwrap();
    let url = crate::operators::url(&server);
    assert!(url.starts_with("https://"), "{url}");
    let operator = signer.issue(Validity::Current).unwrap();
    let stranger = stage.authority.issue(Validity::Current).unwrap();
    let ask = async |tls| Client::new(&url).over_tls(tls).get("/readyz").await;
    let with = |certificate: Option<&Certificate>| stage.authority.client(certificate).unwrap();
    assert_eq!(ask(with(Some(&operator))).await.unwrap().status, 200);
    assert!(ask(with(None)).await.is_err());
    assert!(ask(with(Some(&stranger))).await.is_err());
    assert!(Client::new(&url).get("/readyz").await.is_err());
    // Clients need none.
    assert!(is_served(&server, &stage.authority).await);

    // Another authority of operators is used like another certificate.
    let other = CertificateAuthority::new().unwrap();
    fs::write(&ca, other.pem()).unwrap();
    let operator = other.issue(Validity::Current).unwrap();
    let tls: Arc<_> = with(Some(&operator));
    until("the other operator", &server, async || ask(Arc::clone(&tls)).await.is_ok()).await;
}

#[tokio::test]
async fn operators_see_when_the_certificate_of_each_listener_expires() {
    let stage = Stage::new();
    let ca = stage.root.path().join("operators.pem");
    fs::write(&ca, stage.authority.pem()).unwrap();
    let server = stage.serve().arg("--operator-listen=127.0.0.1:0");
    let server = server.arg("--operator-client-ca").arg(&ca).start().unwrap();
    let operator = stage.authority.issue(Validity::Current).unwrap();
    let tls = stage.authority.client(Some(&operator)).unwrap();
    let mut operators = Client::new(&crate::operators::url(&server)).over_tls(tls);
    let metrics = operators.get("/metrics").await.unwrap();
    for listener in ["clients", "operators"] {
        // The first second of the year 4000.
        let line = format!(
            "\nrescind_certificate_expiry_seconds{{listener=\"{listener}\"}} 64060588800\n"
        );
        assert!(metrics.text().contains(&line), "{listener}: {}", metrics.text());
    }
}

#[tokio::test]
async fn operators_see_the_connections_of_clients_and_not_their_own() {
    let root = tempfile::tempdir().unwrap();
    Installation::init(BINARY, root.path()).unwrap();
    let server =
        Server::builder(BINARY, root.path()).arg("--operator-listen=127.0.0.1:0").start().unwrap();
    let mut operators = Client::new(&crate::operators::url(&server));
    let mut client = Client::new(server.url());
    assert_eq!(client.get("/healthz").await.unwrap().status, 200);
    let metrics = operators.get("/metrics").await.unwrap();
    assert!(metrics.text().contains("\nrescind_connections 1\n"), "{}", metrics.text());
}

/// A port that was free a moment ago.
fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}
