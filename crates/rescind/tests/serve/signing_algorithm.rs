//! What tokens are signed with can be changed at any start.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rescind_harness::{Client, Installation, Server};

use crate::{BINARY, PUBLIC_URL};

#[tokio::test]
async fn tokens_stay_live_when_the_algorithm_changes() {
    let root = tempfile::tempdir().unwrap();
    let installation = Installation::init(BINARY, root.path()).unwrap();
    let mut tokens = Vec::new();
    for algorithm in [None, Some("ES512"), Some("EdDSA"), Some("ES384"), Some("ES256")] {
        let mut builder = Server::builder(BINARY, root.path()).public_url(PUBLIC_URL);
        if let Some(algorithm) = algorithm {
            builder = builder.arg("--signing-algorithm").arg(algorithm);
        }
        let server = builder.start().unwrap();
        let mut client = Client::new(server.url()).with_credentials(&installation);
        let token = client.issue().await.unwrap();
        assert_eq!(algorithm_of(&token), algorithm.unwrap_or("ES256"));
        tokens.push(token);
        for token in &tokens {
            assert!(client.is_active(token).await.unwrap(), "{}", algorithm_of(token));
        }
        assert_eq!(
            client.get_with("/api/public/v1.0/groups", &tokens[0]).await.unwrap().status,
            200
        );
    }

    let server = Server::builder(BINARY, root.path()).public_url(PUBLIC_URL).start().unwrap();
    let mut client = Client::new(server.url()).with_credentials(&installation);
    for token in &tokens {
        assert_eq!(client.revoke(token).await.unwrap().status, 200);
        assert!(!client.is_active(token).await.unwrap(), "{}", algorithm_of(token));
    }
}

fn algorithm_of(token: &str) -> String {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
    header["alg"].as_str().unwrap().to_owned()
}
