//! Signing keys are listed and rotated, with and without a server, and no token dies of it.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rescind_harness::{Client, Installation, Server};
use serde_json::Value;

use crate::command::{failure, rescind, success};
use crate::{BINARY, PUBLIC_URL};

fn serve(data_dir: &Path) -> Server {
    Server::builder(BINARY, data_dir).public_url(PUBLIC_URL).start().unwrap()
}

/// What `rescind keys WORDS --format json` says.
fn keys(words: &[&str], data_dir: &Path) -> Vec<Value> {
    let words = [&["keys"], words, &["--format", "json"]].concat();
    serde_json::from_str(&success(&mut rescind(&words, data_dir))).unwrap()
}

fn states(keys: &[Value]) -> Vec<&str> {
    keys.iter().map(|key| key["state"].as_str().unwrap()).collect()
}

fn kid_of(token: &str) -> Value {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    serde_json::from_slice::<Value>(&header).unwrap()["kid"].clone()
}

async fn published(client: &mut Client) -> Vec<Value> {
    let keys = client.get("/.well-known/jwks.json").await.unwrap().json();
    keys["keys"].as_array().unwrap().iter().map(|key| key["kid"].clone()).collect()
}

#[tokio::test]
async fn a_running_server_gets_a_new_key_and_every_token_lives_on() {
    let root = tempfile::tempdir().unwrap();
    let installation = Installation::init(BINARY, root.path()).unwrap();
    let server = serve(root.path());
    let mut client = Client::new(server.url()).with_credentials(&installation);
    let old = client.issue().await.unwrap();
    let revoked = client.issue().await.unwrap();

    // In order: it is published, and does not sign yet.
    let listed = keys(&["rotate"], root.path());
    assert_eq!(states(&listed), ["current", "published"]);
    assert_eq!(kid_of(&old), listed[0]["kid"]);
    assert_eq!(
        published(&mut client).await,
        [&listed[0]["kid"], &listed[1]["kid"]].map(Clone::clone)
    );
    assert_eq!(kid_of(&client.issue().await.unwrap()), listed[0]["kid"]);

    // At once.
    let listed = keys(&["rotate", "--now"], root.path());
    assert_eq!(states(&listed), ["retired", "retired", "current"]);
    let new = client.issue().await.unwrap();
    assert_eq!(kid_of(&new), listed[2]["kid"]);

    let works = async |client: &mut Client| {
        for token in [&old, &new] {
            assert!(client.is_active(token).await.unwrap());
            let answer = client.get_with("/api/public/v1.0/groups", token).await.unwrap();
            assert_eq!(answer.status, 200);
        }
    };
    works(&mut client).await;
    assert_eq!(client.revoke(&revoked).await.unwrap().status, 200);
    server.kill().unwrap();

    // Another process, which has signed none of them.
    let server = serve(root.path());
    let mut client = Client::new(server.url()).with_credentials(&installation);
    works(&mut client).await;
    assert!(!client.is_active(&revoked).await.unwrap());
    assert_eq!(client.revoke(&old).await.unwrap().status, 200);
    assert!(!client.is_active(&old).await.unwrap());
    assert_eq!(keys(&["list"], root.path()), listed);
}

#[tokio::test]
async fn without_a_server_the_store_gets_a_new_key() {
    let root = tempfile::tempdir().unwrap();
    let installation = Installation::init(BINARY, root.path()).unwrap();
    let before = keys(&["list"], root.path());
    assert_eq!(states(&before), ["current"]);
    let listed = keys(&["rotate", "--now", "--signing-algorithm", "EdDSA"], root.path());
    assert_eq!(states(&listed), ["retired", "current"]);
    assert_eq!(listed[0]["kid"], before[0]["kid"]);
    assert_eq!(listed[1]["algorithm"], "EdDSA");

    let server = Server::builder(BINARY, root.path()).arg("--signing-algorithm").arg("EdDSA");
    let server = server.start().unwrap();
    let mut client = Client::new(server.url()).with_credentials(&installation);
    assert_eq!(kid_of(&client.issue().await.unwrap()), listed[1]["kid"]);
    assert_eq!(keys(&["list"], root.path()), listed);
}

#[test]
fn people_get_a_table() {
    let root = tempfile::tempdir().unwrap();
    Installation::init(BINARY, root.path()).unwrap();
    let [first] = keys(&["list"], root.path()).try_into().unwrap();
    let text = success(&mut rescind(&["keys", "rotate"], root.path()));
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["KID", "ALGORITHM", "CREATED", "STATE"]);
    let field = |name: &str| first[name].as_str().unwrap();
    assert_eq!(rows[1], [field("kid"), "ES256", field("createdAt"), "current"]);
    assert_eq!(rows[2][3..5], ["signs", "from"]);
    assert_eq!(rows.len(), 3);
}

#[test]
fn where_there_is_no_store_none_is_made() {
    let root = tempfile::tempdir().unwrap();
    let nowhere = root.path().join("nowhere");
    for dir in [root.path(), &nowhere] {
        for words in [&["keys", "list"][..], &["keys", "rotate"], &["installation-key", "rotate"]] {
            let sentence = failure(&mut rescind(words, dir));
            let expected = format!("there is no store in {}: name ", dir.display());
            assert!(sentence.starts_with(&expected), "{sentence}");
        }
    }
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
}

/// Such as one that is starting, or that makes a backup.
#[test]
fn a_process_that_does_not_answer_is_waited_for_by_the_operator() {
    let root = tempfile::tempdir().unwrap();
    Installation::init(BINARY, root.path()).unwrap();
    let lock = File::options().write(true).open(root.path().join("rescind.lock")).unwrap();
    lock.lock().unwrap();
    let sentence = failure(&mut rescind(&["keys", "list"], root.path()));
    let expected = format!("another rescind is running on {} and does not", root.path().display());
    assert!(sentence.starts_with(&expected), "{sentence}");
}

#[tokio::test]
async fn the_socket_is_private_and_goes_with_the_server() {
    let root = tempfile::tempdir().unwrap();
    Installation::init(BINARY, root.path()).unwrap();
    let socket = root.path().join("rescind.sock");
    let server = serve(root.path());
    assert_eq!(keys(&["list"], root.path()).len(), 1);
    assert_eq!(fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o600);
    server.kill().unwrap();
    assert!(socket.exists(), "a process that is killed cleans up nothing");
    let server = serve(root.path());
    assert_eq!(keys(&["list"], root.path()).len(), 1);
    server.terminate().unwrap();
    assert!(!socket.exists());
}

#[tokio::test]
async fn nonsense_on_the_socket_is_refused_and_changes_nothing() {
    let root = tempfile::tempdir().unwrap();
    Installation::init(BINARY, root.path()).unwrap();
    let server = serve(root.path());
    let before = keys(&["list"], root.path());
    let long = "[".repeat(200_000);
    let requests: [&[u8]; 5] =
        [b"", b"\"list\"", b"{\"rotate-keys\":{}}", &[0xff; 100], long.as_bytes()];
    for request in requests {
        let mut stream = UnixStream::connect(root.path().join("rescind.sock")).unwrap();
        // One that is too long is not read to its end.
        let _ = stream.write_all(request);
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        assert!(answer.is_empty() || answer.starts_with(r#"{"Err":"#), "{answer}");
    }
    // One that says nothing keeps others waiting for a while, and not for ever.
    let silent = UnixStream::connect(root.path().join("rescind.sock")).unwrap();
    assert_eq!(keys(&["list"], root.path()), before);
    drop((silent, server));
}
