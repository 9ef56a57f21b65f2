//! What keeps it from starting: one sentence each, exit status 1.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use rescind_harness::{Authority, CertificateAuthority, Server, ServerBuilder, Validity};

use crate::{BINARY, authority, until};

/// The one sentence with which it refuses to start.
pub(crate) fn refusal(builder: ServerBuilder) -> String {
    builder.refusal().unwrap()
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let authority = authority();
    let bare = || Server::agent(BINARY, authority.installation());
    assert!(refusal(bare()).contains("--issuer"));
    let issuer = || bare().arg("--issuer=http://rescind.test");
    assert!(refusal(issuer()).contains("--client-address-header"));
    let no_secret = issuer().arg("--client-address-header=x-real-ip");
    let sentence = refusal(no_secret.env("RESCIND_AGENT_CLIENT_SECRET", ""));
    assert!(sentence.contains("client secret"), "{sentence}");
}

#[tokio::test]
async fn a_secret_is_read_from_a_file_that_nobody_else_can_read() {
    let authority = authority();
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("secret");
    fs::write(&file, format!("{}\n", authority.installation().client_secret)).unwrap();
    let named = || authority.agent().arg("--client-secret-file").arg(&file);
    let sentence = refusal(named());
    assert!(sentence.starts_with("the client secret is given twice"), "{sentence}");
    let config = root.path().join("agent.toml");
    let text = format!(
        "issuer = '{}'\nurl = '{}'\nclient_id = '{}'\nclient_secret_file = '{}'\n\
         client_address_header = 'x-real-ip'",
        Authority::ISSUER,
        authority.url(),
        authority.installation().client_id,
        file.display()
    );
    fs::write(&config, text).unwrap();
    let by_file = || Server::agent_by_file(BINARY, &config);
    fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    let sentence = refusal(by_file());
    assert!(sentence.contains("chmod 600"), "{sentence}");
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    let agent = by_file().start().unwrap();
    let token = authority.client().issue().await.unwrap();
    until(agent.url(), &token, 200).await;
    assert!(!agent.output().contains(&authority.installation().client_secret));
}

#[tokio::test]
async fn an_authority_behind_tls_is_known_by_its_certificate() {
    let root = tempfile::tempdir().unwrap();
    let data_dir = root.path().join("data");
    let installation = rescind_harness::Installation::init(BINARY, &data_dir).unwrap();
    let ca = CertificateAuthority::new().unwrap();
    let files = ca.issue(Validity::Current).unwrap().write_to(root.path()).unwrap();
    let issuer = "https://rescind.test";
    let server = Server::builder(BINARY, &data_dir).public_url(issuer).tls(&files).start().unwrap();
    let trusted = root.path().join("ca.pem");
    fs::write(&trusted, ca.pem()).unwrap();
    let agent = || {
        Server::agent(BINARY, &installation)
            .arg(format!("--issuer={issuer}"))
            .arg(format!("--url={}", server.url()))
            .arg("--client-address-header=x-real-ip")
    };
    let mut client = rescind_harness::Client::new(server.url())
        .over_tls(ca.client(None).unwrap())
        .with_credentials(&installation);
    let token = client.issue().await.unwrap();
    let knowing = agent().arg("--ca-file").arg(&trusted).start().unwrap();
    until(knowing.url(), &token, 200).await;
    // Without it, whoever answers there is not believed.
    let stranger = agent().start().unwrap();
    assert_eq!(crate::ask(stranger.url(), &token, "127.0.0.1").await.status, 503);
    fs::write(&trusted, "no certificate").unwrap();
    let sentence = refusal(agent().arg("--ca-file").arg(&trusted));
    assert!(sentence.starts_with("cannot use the certificates in"), "{sentence}");
}
