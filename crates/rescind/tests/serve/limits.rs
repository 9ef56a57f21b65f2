//! The contract's limit holds from the start, and an operator can turn it off.

use rescind_harness::{Client, Installation, Server};

use crate::BINARY;

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
