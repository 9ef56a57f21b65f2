//! Clients that stop in the middle: each is let go in bounded time, and keeps no server from
//! ending. The clock of the runtime leaps whenever nothing but time is waited for.

use std::time::Duration;

use rescind_harness::frames::{END_STREAM, INITIAL_WINDOW_SIZE, PING, frame, head, hello};
use tokio::time::{Instant, timeout};

use super::{Connection, Server, post, post_head};
use crate::app::{TOKEN, TestApp};

/// Far longer than any client is waited for.
const FOR_EVER: Duration = Duration::from_hours(24);

/// What the server says before it closes, and how long that takes.
async fn let_go(mut connection: Connection, row: &str) -> (String, Duration) {
    let begun = Instant::now();
    let said = timeout(FOR_EVER, connection.closed_whenever()).await;
    let said = said.unwrap_or_else(|_| panic!("kept for ever: {row}"));
    (said, begun.elapsed())
}

#[tokio::test]
async fn a_client_that_stops_is_let_go() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let head = post_head(&app, TOKEN, "Content-Length: 29\r\n");
    let used = post(&app, TOKEN, "", "grant_type=client_credentials");
    // Those that have asked for nothing have half a minute, those that are idle a little more.
    let rows = [
        ("before its first byte", String::new(), "", 40),
        ("after one byte, which HTTP/2 begins with too", "P".to_owned(), "", 40),
        ("within its head", head[..60].to_owned(), "", 40),
        ("after the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), "", 40),
        ("before its body", head.clone(), "HTTP/1.1 400 ", 15),
        ("within its body", head.clone() + "grant_type", "HTTP/1.1 400 ", 15),
        ("after a request", used.clone(), "HTTP/1.1 200 ", 85),
        ("within its second head", used + &head[..60], "HTTP/1.1 200 ", 85),
    ];
    for (row, sent, begins, seconds) in rows {
        let mut connection = server.connect().await;
        connection.send(sent).await;
        tokio::time::pause();
        let (said, took) = let_go(connection, row).await;
        tokio::time::resume();
        assert!(said.starts_with(begins), "{row}: {said:?}");
        assert!(took <= Duration::from_secs(seconds), "{row}: {took:?}");
    }
}

/// Load balancers keep idle connections for a minute, and must be the first to close them.
#[tokio::test]
async fn a_connection_that_has_been_used_may_be_idle_for_a_minute() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let mut connection = server.connect().await;
    for _ in 0..3 {
        connection.send(post(&app, TOKEN, "", "grant_type=client_credentials")).await;
        connection.answer().await.token();
        tokio::time::pause();
        tokio::time::sleep(Duration::from_secs(65)).await;
        tokio::time::resume();
    }
}

/// It asks nothing, and takes what it is told.
#[tokio::test]
async fn whoever_follows_the_feed_is_kept() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let server = Server::start(&app).await;
    let mut connection = server.connect().await;
    let request = "GET /api/oauth/feed HTTP/1.1\r\nHost: localhost\r\n";
    connection.send(format!("{request}Authorization: Bearer {token}\r\n\r\n")).await;
    tokio::time::pause();
    let closed = timeout(Duration::from_mins(5), connection.closed_whenever()).await;
    assert!(closed.is_err(), "{closed:?}");
}

/// Answers wait in memory until the client takes them: for so long, and no longer.
#[tokio::test]
async fn a_client_that_never_takes_its_answers_is_let_go() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let mut connection = server.connect().await;
    // Not a byte of any body may be sent.
    connection.send(hello(&[(INITIAL_WINDOW_SIZE, 0)])).await;
    for stream in (1..100).step_by(2) {
        connection.send(head("GET", "/.well-known/jwks.json", END_STREAM, stream)).await;
    }
    tokio::time::pause();
    let (_, took) = let_go(connection, "its window is closed").await;
    assert!(took <= Duration::from_secs(85), "{took:?}");
}

/// A sign of life is no use of a connection.
#[tokio::test]
async fn a_client_that_only_pings_is_let_go() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let mut connection = server.connect().await;
    connection.send(hello(&[])).await;
    connection.send(head("GET", "/healthz", END_STREAM, 1)).await;
    tokio::time::pause();
    let begun = Instant::now();
    while connection.try_send(frame(PING, 0, 0, b"pingping")).await.is_ok() {
        assert!(begun.elapsed() <= Duration::from_secs(95), "kept for ever");
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
}

/// One that sends request after request and never reads is stopped by its own unread answers.
#[tokio::test]
async fn a_client_that_never_reads_is_let_go() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let mut connection = server.connect().await;
    let requests = "GET /.well-known/jwks.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(1000);
    let mut sent = 0;
    let second = Duration::from_secs(1);
    // Until neither side can send any more.
    while timeout(second, connection.try_send(&requests)).await.is_ok_and(|sent| sent.is_ok()) {
        sent += requests.len();
        assert!(sent < 64 << 20, "the server takes it all");
    }
    let mut other = server.connect().await;
    other.send(post(&app, TOKEN, "", "grant_type=client_credentials")).await;
    other.answer().await.token();
    tokio::time::pause();
    let begun = Instant::now();
    connection.reset(FOR_EVER).await;
    assert!(begun.elapsed() <= Duration::from_secs(85), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_client_that_stops_does_not_keep_the_server_from_ending() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let mut connections = Vec::new();
    let head = post_head(&app, TOKEN, "Content-Length: 29\r\n");
    // A peer of HTTP/2 that asks for `/` (RFC 9113 section 6.2) and then never answers a ping, and
    // one that sends half a request.
    let http2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\
                  \0\0\x03\x01\x05\0\0\0\x01\x82\x86\x84";
    for sent in [http2.as_slice(), head.as_bytes()] {
        let mut connection = server.connect().await;
        connection.send(sent).await;
        connections.push(connection);
    }
    let mut last = server.connect().await;
    last.send(post(&app, TOKEN, "Connection: close\r\n", "grant_type=client_credentials")).await;
    last.answer().await.token();
    let stopping = server.stop();
    tokio::time::pause();
    let begun = Instant::now();
    timeout(FOR_EVER, stopping).await.expect("it ends").unwrap();
    assert!(begun.elapsed() <= Duration::from_secs(31), "{:?}", begun.elapsed());
}
