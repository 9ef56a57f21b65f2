//! HTTP/2 without an upgrade ("prior knowledge"), as a proxy in front of the server speaks it.

use axum::http::{Request, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    body::Bytes,
    client::conn::http2::{SendRequest, handshake},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{net::TcpStream, task::JoinSet};

use super::{Server, soon};
use crate::{
    app::{INTROSPECT, REVOKE, TOKEN, TestApp},
    call::{Answer, FORM, basic},
    literal::{INVALID_CLIENT, INVALID_REQUEST, METHOD_NOT_ALLOWED, REVOKED, TOO_LARGE},
};

/// The h2 client fails an answer that has a `Connection` header, so each answer here had none
/// (RFC 9113 section 8.2.2); it is asserted all the same.
struct Client(SendRequest<Full<Bytes>>);

impl Client {
    async fn of(server: &Server) -> Self {
        let stream = TcpStream::connect(server.address).await.unwrap();
        let (client, connection) =
            handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Self(client)
    }

    async fn send(&self, method: &str, path: &str, header: Option<&str>, form: String) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("http://localhost{path}"))
            .header("content-type", FORM);
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        let request = request.body(Full::from(form)).unwrap();
        let response = soon("an answer", self.0.clone().send_request(request)).await.unwrap();
        assert_eq!(response.version(), Version::HTTP_2);
        let (parts, body) = response.into_parts();
        let body = soon("a body", body.collect()).await.unwrap().to_bytes();
        let answer = Answer { status: parts.status.as_u16(), headers: parts.headers, body };
        assert_eq!(answer.lines("connection"), [""; 0]);
        answer
    }
}

#[tokio::test]
async fn every_answer_comes_without_a_connection_header() {
    let app = TestApp::start_over_tls().await;
    let server = Server::start(&app).await;
    let client = Client::of(&server).await;
    let owner = basic(&app.owner.id, app.owner.secret());
    let owner = Some(owner.as_str());
    let grant = "grant_type=client_credentials".to_owned();
    let answer = client.send("POST", TOKEN, owner, grant).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.lines("strict-transport-security"), ["max-age=300"]);
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    let form = format!("token={token}");
    let large = "x".repeat(1 << 20);
    let rows = [
        ("200", "POST", REVOKE, owner, form, REVOKED),
        ("400", "POST", TOKEN, owner, String::new(), INVALID_REQUEST),
        ("401", "POST", TOKEN, None, String::new(), INVALID_CLIENT),
        ("405", "PUT", TOKEN, None, String::new(), METHOD_NOT_ALLOWED),
        ("413", "POST", TOKEN, owner, large, TOO_LARGE),
    ];
    for (row, method, path, header, form, expected) in rows {
        let answer = client.send(method, path, header, form).await;
        assert_eq!(answer.outcome(), expected, "row: {row}");
        if row == "401" {
            assert_eq!(answer.lines("www-authenticate").len(), 2);
        }
    }
    assert!(!app.is_alive(&app.owner, &token).await);
}

/// A stream too large ends alone: others on the connection go on.
#[tokio::test]
async fn many_requests_share_a_connection() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let client = Client::of(&server).await;
    let owner = basic(&app.owner.id, app.owner.secret());
    let mut asked = JoinSet::new();
    for n in 0..60 {
        let (client, owner) = (Client(client.0.clone()), owner.clone());
        asked.spawn(async move {
            let (form, status) = match n % 3 {
                0 => ("token=x".to_owned(), 200),
                1 => (format!("token={}", "x".repeat(200_000)), 413),
                _ => (String::new(), 400),
            };
            let answer = client.send("POST", INTROSPECT, Some(&owner), form).await;
            assert_eq!(answer.status, status);
        });
    }
    asked.join_all().await;
}
