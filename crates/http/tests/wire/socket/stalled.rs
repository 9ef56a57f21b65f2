//! Clients that stop in the middle: each is let go in bounded time, and keeps no server from
//! ending. The clock of the runtime leaps whenever nothing but time is waited for.

use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::{Connection, Server, post, post_head};
use crate::app::{TOKEN, TestApp};

/// Far longer than any client is waited for.
const FOR_EVER: Duration = Duration::from_hours(24);

/// What the server says before it closes; how long that takes is asserted to be a minute at most.
async fn let_go(mut connection: Connection, row: &str) -> String {
    let begun = Instant::now();
    let said = timeout(FOR_EVER, connection.closed_whenever()).await;
    let said = said.unwrap_or_else(|_| panic!("kept for ever: {row}"));
    assert!(begun.elapsed() <= Duration::from_mins(1), "{row}: {:?}", begun.elapsed());
    said
}

#[tokio::test]
async fn a_client_that_stops_is_let_go() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let head = post_head(&app, TOKEN, "Content-Length: 29\r\n");
    let used = post(&app, TOKEN, "", "grant_type=client_credentials");
    let rows = [
        ("before its first byte", String::new(), ""),
        ("after one byte, which HTTP/2 begins with too", "P".to_owned(), ""),
        ("within its head", head[..60].to_owned(), ""),
        ("before its body", head.clone(), "HTTP/1.1 400 "),
        ("within its body", head + "grant_type", "HTTP/1.1 400 "),
        ("after a request", used, "HTTP/1.1 200 "),
        ("after the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), ""),
    ];
    for (row, sent, begins) in rows {
        let mut connection = server.connect().await;
        connection.send(sent).await;
        tokio::time::pause();
        let said = let_go(connection, row).await;
        tokio::time::resume();
        assert!(said.starts_with(begins), "{row}: {said:?}");
    }
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
