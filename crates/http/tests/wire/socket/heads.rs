//! Heads that are too large: refused before they are kept.

use super::{Server, post};
use crate::app::{TOKEN, TestApp};

const GRANT: &str = "grant_type=client_credentials";

#[tokio::test]
async fn a_head_that_is_too_large_is_refused_and_the_connection_closed() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let line = |length| format!("X-Large: {}\r\n", "x".repeat(length));
    let lines = |count| "X-Small: x\r\n".repeat(count);
    let request = |lines: &str| post(&app, TOKEN, lines, GRANT);
    let target = |length| request("").replace(TOKEN, &format!("{TOKEN}?x={}", "x".repeat(length)));
    #[rustfmt::skip]
    let rows = [
        ("a line of 8 KiB",      200, request(&line(8_000))),
        ("90 lines",             200, request(&lines(90))),
        ("a target of 8 KiB",    200, target(8_000)),
        ("a line of 40 KiB",     431, request(&line(40_000))),
        ("40 KiB in a few lines", 431, request(&line(5_000).repeat(8))),
        ("101 lines",            431, request(&lines(101))),
        ("ten thousand lines",   431, request(&lines(10_000))),
        ("a target of 40 KiB",   431, target(40_000)),
    ];
    for (row, status, request) in rows {
        let mut connection = server.connect().await;
        let request = request.replace("Host: ", "Connection: close\r\nHost: ");
        let _ = connection.try_send(request).await;
        let said = connection.closed().await;
        assert!(said.starts_with(&format!("HTTP/1.1 {status} ")), "row: {row}: {said:?}");
    }
}

/// No more of it is taken than what the kernels keep on both sides.
#[tokio::test]
async fn an_endless_head_is_not_read_to_its_end() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    for piece in ["X-Large: x\r\n", "x"] {
        let mut connection = server.connect().await;
        connection.send("GET / HTTP/1.1\r\nX-Large: ").await;
        let piece = piece.repeat(65_536 / piece.len());
        let mut sent = 0;
        while connection.try_send(&piece).await.is_ok() {
            sent += piece.len();
            assert!(sent < 64 << 20, "the server takes it all");
        }
    }
}
