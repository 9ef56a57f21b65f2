//! The real nginx, with the configuration that is documented.

use std::time::{Duration, Instant};

use rescind_harness::{Answer, Client, Nginx, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

use crate::{PATIENCE, authority};

struct Stage {
    authority: rescind_harness::Authority,
    agent: Option<Server>,
    nginx: Nginx,
    _root: tempfile::TempDir,
}

impl Stage {
    /// nginx before an agent that hears its authority.
    async fn set() -> Self {
        let authority = authority();
        let root = tempfile::tempdir().unwrap();
        let listen = format!("unix:{}/agent.sock", root.path().display());
        let agent = authority.agent().listen(&listen).start().unwrap();
        let nginx = Nginx::asking(agent.url()).unwrap();
        let stage = Self { authority, agent: Some(agent), nginx, _root: root };
        let token = stage.authority.client().issue().await.unwrap();
        stage.until(&token, 200).await;
        stage
    }

    async fn ask(&self, lines: &[(&str, &str)]) -> Answer {
        Client::new(&self.nginx.url()).get_lines("/v1/orders?status=open", lines).await.unwrap()
    }

    async fn present(&self, token: &str) -> Answer {
        self.ask(&[("authorization", &format!("Bearer {token}"))]).await
    }

    /// The answer to a client at this address that says that it is elsewhere.
    async fn ask_from(&self, address: &str, token: &str) -> String {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(format!("{address}:0").parse().unwrap()).unwrap();
        let mut stream = socket.connect(self.nginx.address()).await.unwrap();
        let request = format!(
            "GET / HTTP/1.1\r\nHost: api\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
             X-Real-IP: 127.0.0.1\r\nX-Forwarded-For: 127.0.0.1\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    async fn until(&self, token: &str, status: u16) {
        let started = Instant::now();
        while self.present(token).await.status != status {
            assert!(started.elapsed() < PATIENCE, "{}", self.nginx.output());
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

/// The page shows the file that the tests run.
#[test]
fn the_documented_configuration_is_the_one_that_is_tested() {
    let page = include_str!("../../../../docs/agent.md");
    assert!(page.contains(include_str!("../../../../examples/nginx/nginx.conf")));
}

#[tokio::test]
async fn nginx_lets_live_tokens_through_and_tells_the_application_whose_they_are() {
    let stage = Stage::set().await;
    let mut client = stage.authority.client();
    let (alive, dead) = (client.issue().await.unwrap(), client.issue().await.unwrap());
    let installation = stage.authority.installation();
    let expected =
        format!("client {} of {}: ORG_OWNER\n", installation.client_id, installation.org_id);
    assert_eq!(stage.present(&alive).await.text(), expected);
    assert_eq!(stage.present(&dead).await.text(), expected);
    client.revoke(&dead).await.unwrap();
    stage.until(&dead, 401).await;
    let refused = stage.present(&dead).await;
    assert!(refused.header("www-authenticate").unwrap().contains("invalid_token"));
    assert_eq!(stage.present(&alive).await.text(), expected);
}

/// What a client writes into the headers that nginx and the agent write counts for nothing.
#[tokio::test]
async fn a_client_can_neither_say_where_it_is_nor_who_it_is() {
    let stage = Stage::set().await;
    let token = stage.authority.client().issue().await.unwrap();
    let bearer = format!("Bearer {token}");
    let lies = [
        ("authorization", &*bearer),
        ("x-rescind-client-id", "somebody-else"),
        ("x-rescind-roles", "GOD"),
        ("x-real-ip", "127.0.0.1"),
    ];
    let answer = stage.ask(&lies).await;
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains(": ORG_OWNER"), "{}", answer.text());
    assert!(!answer.text().contains("somebody-else"));
    // A list that admits where the client says that it is, and not where it is.
    stage.authority.admit("127.0.0.1/32").await.unwrap();
    let started = Instant::now();
    let answer = loop {
        let answer = stage.ask_from("127.0.0.2", &token).await;
        if !answer.starts_with("HTTP/1.1 200 ") {
            break answer;
        }
        assert!(started.elapsed() < PATIENCE, "{answer}");
    };
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    assert!(answer.contains("insufficient_scope"), "{answer}");
    assert_eq!(stage.present(&token).await.status, 200);
}

#[tokio::test]
async fn what_nginx_does_not_know_is_answered_as_the_agent_does() {
    let mut stage = Stage::set().await;
    let token = stage.authority.client().issue().await.unwrap();
    let bearer = format!("Bearer {token}");
    let nobody = stage.ask(&[]).await;
    assert_eq!(nobody.status, 401);
    assert_eq!(nobody.header("www-authenticate"), Some(r#"Bearer realm="rescind""#));
    let malformed = stage.ask(&[("authorization", "Bearer a b")]).await;
    assert_eq!(malformed.status, 400);
    assert!(malformed.header("www-authenticate").unwrap().contains("invalid_request"));
    let asked = Client::new(&stage.nginx.url()).get("/_rescind").await.unwrap();
    assert_eq!(asked.status, 404, "it is nginx's own");
    // The agent is gone: nobody can tell, and nobody passes.
    drop(stage.agent.take());
    let answer = stage.ask(&[("authorization", &bearer)]).await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, Some("5")));
}
