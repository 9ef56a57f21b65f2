//! Which connections stay open (oauth-endpoints.md 3, note "Connection"; clients.md 8, row 9).

use super::{Server, post};
use crate::{
    app::{REVOKE, TOKEN, TestApp},
    literal::REVOKED,
};

const GRANT: &str = "grant_type=client_credentials";

#[tokio::test]
async fn a_connection_stays_open_unless_the_client_asks_otherwise() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let mut connection = server.connect().await;
    for lines in ["", "Connection: keep-alive\r\n", "Connection: Keep-Alive, TE\r\n"] {
        connection.send(post(&app, TOKEN, lines, GRANT)).await;
        let answer = connection.answer().await;
        assert_eq!(answer.lines("connection"), ["keep-alive"], "{lines}");
        answer.token();
    }
    for lines in ["Connection: close\r\n", "Connection: Close\r\n", "Connection: TE, close\r\n"] {
        let mut connection = server.connect().await;
        connection.send(post(&app, TOKEN, lines, GRANT)).await;
        let answer = connection.answer().await;
        assert_eq!(answer.lines("connection"), ["close"], "{lines}");
        answer.token();
        assert_eq!(connection.closed().await, "", "{lines}");
    }
}

#[tokio::test]
async fn http_1_0_is_served_and_closed() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let mut connection = server.connect().await;
    connection.send(post(&app, TOKEN, "", GRANT).replace("HTTP/1.1", "HTTP/1.0")).await;
    let answer = connection.answer().await;
    assert_ne!(answer.lines("connection"), ["keep-alive"]);
    answer.token();
    assert_eq!(connection.closed().await, "");

    let mut connection = server.connect().await;
    let lines = "Connection: keep-alive\r\n";
    for _ in 0..2 {
        connection.send(post(&app, TOKEN, lines, GRANT).replace("HTTP/1.1", "HTTP/1.0")).await;
        let answer = connection.answer().await;
        assert_eq!(answer.lines("connection"), ["keep-alive"]);
        answer.token();
    }
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_their_order() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let server = Server::start(&app).await;
    let mut connection = server.connect().await;
    let requests = [
        post(&app, TOKEN, "", GRANT),
        post(&app, TOKEN, "", ""),
        post(&app, REVOKE, "", &format!("token={token}")),
        "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(),
        post(&app, TOKEN, "Connection: close\r\n", GRANT),
    ];
    connection.send(requests.concat()).await;
    connection.answer().await.token();
    assert_eq!(connection.answer().await.status(), 400);
    assert_eq!(connection.answer().await.outcome(), REVOKED);
    assert_eq!(connection.answer().await.status(), 404);
    connection.answer().await.token();
    assert_eq!(connection.closed().await, "");
    assert!(!app.is_alive(&app.owner, &token).await);
}

/// Header names and the scheme are read in any case (clients.md 2).
#[tokio::test]
async fn the_case_of_header_names_does_not_matter() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let mut connection = server.connect().await;
    let request = post(&app, TOKEN, "", GRANT);
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    for rename in [str::to_ascii_lowercase, str::to_ascii_uppercase] {
        let lines: Vec<_> = head
            .split("\r\n")
            .map(|line| match line.split_once(": ") {
                Some((name, value)) => format!("{}: {value}", rename(name)),
                None => line.to_owned(),
            })
            .collect();
        connection.send(format!("{}\r\n\r\n{body}", lines.join("\r\n"))).await;
        connection.answer().await.token();
    }
}
