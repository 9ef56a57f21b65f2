//! What it writes, where, and that it survives when nobody reads it.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rescind_harness::{Client, Installation, Server};

use crate::BINARY;

/// Neither the log at its loudest nor the disk has a credential in the clear.
#[tokio::test]
async fn no_secret_and_no_token_is_written_down() {
    let root = tempfile::tempdir().unwrap();
    let installation = Installation::init(BINARY, root.path()).unwrap();
    let server = Server::builder(BINARY, root.path()).env("RESCIND_LOG", "trace").start().unwrap();
    let mut client = Client::new(server.url()).with_credentials(&installation);
    let token = client.issue().await.unwrap();
    assert!(client.is_active(&token).await.unwrap());
    assert_eq!(client.get_with("/api/public/v1.0/orgs", &token).await.unwrap().status, 200);
    assert_eq!(client.revoke(&token).await.unwrap().status, 200);
    assert_eq!(client.get_with("/api/public/v1.0/orgs", &token).await.unwrap().status, 401);
    drop(client);

    let Installation { client_id, client_secret, .. } = &installation;
    let basic = STANDARD.encode(format!("{client_id}:{client_secret}"));
    let signature = token.rsplit('.').next().unwrap();
    let installation_key = fs::read_to_string(root.path().join("installation.key")).unwrap();
    let credentials = [client_secret, &*basic, signature, installation_key.trim()];

    for store in ["rescind.db", "rescind.db-wal"] {
        let bytes = fs::read(root.path().join(store)).unwrap();
        for credential in credentials {
            let found =
                bytes.windows(credential.len()).any(|window| window == credential.as_bytes());
            assert!(!found, "{credential} is in {store}");
        }
    }
    let exit = server.terminate().unwrap();
    assert!(exit.stderr.contains("TRACE") || exit.stderr.contains("DEBUG"), "{}", exit.stderr);
    for credential in credentials {
        assert!(!exit.stderr.contains(credential), "{credential} is in the log:\n{}", exit.stderr);
    }
}

#[test]
fn a_json_log_is_one_object_a_line() {
    let root = tempfile::tempdir().unwrap();
    let server = Server::builder(BINARY, root.path()).arg("--log-format").arg("json");
    let exit = server.start().unwrap().terminate().unwrap();
    assert!(exit.stderr.lines().count() > 1, "{}", exit.stderr);
    for line in exit.stderr.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
        assert!(line["message"].is_string(), "{line}");
    }
}

#[tokio::test]
async fn nobody_has_to_read_standard_output() {
    let root = tempfile::tempdir().unwrap();
    let mut process = serve(root.path())
        .args(["--log-format", "json"])
        .stdout(unread())
        .stderr(Stdio::piped())
        .spawn()
        .map(Killed)
        .unwrap();
    let log = BufReader::new(process.0.stderr.take().unwrap());
    let mut url = None;
    // It is founded, and says in the log that its secret is lost.
    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        if let Some(issuer) = line["issuer"].as_str() {
            url = Some(issuer.to_owned());
        }
        if line["message"].as_str().is_some_and(|text| text.contains("could not be shown")) {
            break;
        }
    }
    let answer = Client::new(&url.unwrap()).get("/healthz").await.unwrap();
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn nobody_has_to_read_the_log() {
    let root = tempfile::tempdir().unwrap();
    let mut process = serve(root.path())
        .env("RESCIND_LOG", "trace")
        .stdout(Stdio::piped())
        .stderr(unread())
        .spawn()
        .map(Killed)
        .unwrap();
    let mut line = String::new();
    BufReader::new(process.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.trim().strip_prefix("listening on ").unwrap();
    assert_eq!(Client::new(url).get("/healthz").await.unwrap().status, 200);
    assert_eq!(Client::new(url).with_basic("x", "y").token().await.unwrap().status, 401);
}

fn serve(data_dir: &std::path::Path) -> Command {
    let mut command = Command::new(BINARY);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data_dir).env_clear();
    command
}

/// A pipe whose other end is closed.
fn unread() -> io::PipeWriter {
    let (_, writer) = io::pipe().unwrap();
    writer
}

/// A process that ends with its test.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
