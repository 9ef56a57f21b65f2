//! A write that fails while serving is a 500, and the token lives on: never a 200.

use std::fs;

use rescind_harness::{Client, Installation, Server};

use crate::disk::Tmpfs;
use crate::{BINARY, PUBLIC_URL};

/// More revocations than fit into what the store has laid out before the disk is full.
const TOKENS: usize = 200;

#[tokio::test]
async fn a_revocation_that_does_not_fit_on_the_disk_is_answered_500_until_it_does() {
    let Some(disk) = Tmpfs::mount("4m") else { return };
    let data_dir = disk.path().join("data");
    let installation = Installation::init(BINARY, &data_dir).unwrap();
    let builder = || Server::builder(BINARY, &data_dir).unlimited().public_url(PUBLIC_URL);
    let start = || builder().start().unwrap();
    let server = start();
    let mut client = Client::new(server.url()).with_credentials(&installation);
    let mut tokens = Vec::new();
    for _ in 0..TOKENS {
        tokens.push(client.issue().await.unwrap());
    }

    let ballast = disk.fill();
    let mut revoked = 0;
    let failure = loop {
        let answer = client.revoke(&tokens[revoked]).await.unwrap();
        if answer.status != 200 {
            break answer;
        }
        assert!(!client.is_active(&tokens[revoked]).await.unwrap());
        revoked += 1;
        assert!(revoked < TOKENS, "the disk did not fill up");
    };
    assert_eq!(failure.status, 500);
    assert_eq!(
        failure.text(),
        r#"{"error_description":"Unexpected error.","error":"server_error"}"#
    );
    let alive = &tokens[revoked];
    assert!(client.is_active(alive).await.unwrap());
    assert_eq!(client.get("/healthz").await.unwrap().status, 200);

    fs::remove_file(ballast).unwrap();
    assert_eq!(client.revoke(alive).await.unwrap().status, 200);
    assert!(!client.is_active(alive).await.unwrap());
    client.issue().await.unwrap();

    drop(client);
    let log = server.kill().unwrap().stderr;
    assert!(log.contains("is full: free some space on it"), "{log}");
    let server = start();
    let mut client = Client::new(server.url()).with_credentials(&installation);
    for (place, token) in tokens.iter().enumerate() {
        assert_eq!(client.is_active(token).await.unwrap(), place > revoked, "token {place}");
    }
}
