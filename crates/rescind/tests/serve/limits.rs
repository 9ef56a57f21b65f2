//! The contract's limits hold from the start, and an operator can turn them off.

use rescind_harness::{Client, Installation, Server};

use crate::{BINARY, PUBLIC_URL};

#[tokio::test]
async fn the_eleventh_token_of_a_minute_is_refused_unless_the_limit_is_off() {
    let root = tempfile::tempdir().unwrap();
    let installation = Installation::init(BINARY, root.path()).unwrap();
    let limited = || Server::builder(BINARY, root.path());
    for (builder, unlimited) in [(limited(), false), (limited().unlimited(), true)] {
        let server = builder.start().unwrap();
        let mut client = Client::new(server.url()).with_credentials(&installation);
        for _ in 0..10 {
            client.issue().await.unwrap();
        }
        assert_eq!(client.issue().await.is_ok(), unlimited);
        server.terminate().unwrap();
    }
}

#[tokio::test]
async fn a_live_token_counts_after_a_stop_until_it_is_revoked() {
    let root = tempfile::tempdir().unwrap();
    let installation = Installation::init(BINARY, root.path()).unwrap();
    let start = || {
        let server = Server::builder(BINARY, root.path()).public_url(PUBLIC_URL);
        server.arg("--live-token-limit=2").start().unwrap()
    };
    let server = start();
    let mut client = Client::new(server.url()).with_credentials(&installation);
    let token = client.issue().await.unwrap();
    client.issue().await.unwrap();
    drop(client);
    server.terminate().unwrap();

    let server = start();
    let mut client = Client::new(server.url()).with_credentials(&installation);
    assert!(client.issue().await.is_err());
    assert_eq!(client.revoke(&token).await.unwrap().status, 200);
    client.issue().await.unwrap();
    assert!(client.issue().await.is_err());
}
