//! Bodies as they travel (oauth-endpoints.md 1.3): in chunks, in pieces, too large, cut off.

use std::time::{Duration, Instant};

use super::{Server, post, post_head};
use crate::{
    app::{REVOKE, TOKEN, TestApp},
    call::FORM,
    literal::{INVALID_REQUEST, REVOKED, TOO_LARGE},
};

const GRANT: &str = "grant_type=client_credentials";

/// Row "chunked transfer".
#[tokio::test]
async fn a_body_in_chunks_is_read_like_any_other() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let mut connection = server.connect().await;
    connection.send(post_head(&app, TOKEN, "Transfer-Encoding: chunked\r\n")).await;
    for piece in GRANT.as_bytes().chunks(7) {
        connection.send(format!("{:x};a=b\r\n", piece.len())).await;
        connection.send([piece, b"\r\n"].concat()).await;
    }
    connection.send("0\r\nTrailer: x\r\n\r\n").await;
    let token = connection.answer().await.token();
    assert!(app.is_alive(&app.owner, &token).await);
    // The connection can be used again.
    connection.send(post(&app, REVOKE, "", &format!("token={token}"))).await;
    assert_eq!(connection.answer().await.outcome(), REVOKED);
    assert!(!app.is_alive(&app.owner, &token).await);
}

#[tokio::test]
async fn broken_chunks_are_a_bad_request() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let mut connection = server.connect().await;
    connection.send(post_head(&app, TOKEN, "Transfer-Encoding: chunked\r\n")).await;
    connection.send("zz\r\n").await;
    assert_eq!(connection.answer().await.outcome(), INVALID_REQUEST);
    assert_eq!(connection.closed().await, "");
}

/// Row "Expect: 100-continue".
#[tokio::test]
async fn a_client_that_asks_first_is_told_to_go_on() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let mut connection = server.connect().await;
    let lines = format!("Expect: 100-continue\r\nContent-Length: {}\r\n", GRANT.len());
    connection.send(post_head(&app, TOKEN, &lines)).await;
    let go_on = connection.answer().await;
    assert_eq!(go_on.status_line, "HTTP/1.1 100 Continue");
    connection.send(GRANT).await;
    connection.answer().await.token();
}

#[tokio::test]
async fn a_client_that_asks_first_is_told_at_once_that_its_body_is_too_large() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let mut connection = server.connect().await;
    let lines = "Expect: 100-continue\r\nContent-Length: 100000\r\n";
    connection.send(post_head(&app, TOKEN, lines)).await;
    assert_eq!(connection.answer().await.outcome(), TOO_LARGE);
    assert_eq!(connection.closed().await, "");
}

/// A client that sends all before it reads anything hears the answer all the same.
#[tokio::test]
async fn a_body_over_the_cap_is_refused_quickly_and_the_connection_closed() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    for length in [100_000, 1 << 20] {
        let body = format!("{GRANT}&x={}", "x".repeat(length));
        let chunked = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
        let head = post_head(&app, TOKEN, "Transfer-Encoding: chunked\r\n");
        for request in [post(&app, TOKEN, "", &body), head + &chunked] {
            let begun = Instant::now();
            let mut connection = server.connect().await;
            connection.send(request).await;
            let answer = connection.answer().await;
            assert_eq!(answer.outcome(), TOO_LARGE, "{length}");
            assert_eq!(answer.lines("connection"), ["close"], "{length}");
            assert_eq!(connection.closed().await, "", "{length}");
            assert!(begun.elapsed().as_secs() < 5, "{length}: {:?}", begun.elapsed());
        }
    }
}

/// Nor is the connection reset under a client that is slow to send it.
#[tokio::test]
async fn a_body_over_the_cap_is_taken_to_its_end_before_the_connection_is_closed() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let body = format!("{GRANT}&x={}", "x".repeat(1 << 20));
    let chunked = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let head = post_head(&app, TOKEN, "Transfer-Encoding: chunked\r\n");
    for request in [post(&app, TOKEN, "", &body), head + &chunked] {
        let mut connection = server.connect().await;
        for piece in request.as_bytes().chunks(100_000) {
            connection.send(piece).await;
            // Time for a server that closes early to do so.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(connection.answer().await.outcome(), TOO_LARGE);
    }
}

/// Neither is kept, and the end is not waited for: there may be none.
#[tokio::test]
async fn an_endless_body_is_not_read_to_its_end() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let mut connection = server.connect().await;
    connection.send(post_head(&app, TOKEN, "Transfer-Encoding: chunked\r\n")).await;
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let mut sent = 0;
    while connection.try_send(&chunk).await.is_ok() {
        sent += chunk.len();
        assert!(sent < 64 << 20, "the server takes it all");
    }
    assert!(connection.closed().await.starts_with("HTTP/1.1 413 "));
}

/// A length that cannot be waited for is refused before anything of it comes.
#[tokio::test]
async fn an_enormous_length_is_refused_at_once() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    for (length, status) in [("1000000000", 413), ("9223372036854775807", 413)] {
        let mut connection = server.connect().await;
        connection.send(post_head(&app, TOKEN, &format!("Content-Length: {length}\r\n"))).await;
        let said = connection.closed().await;
        assert!(said.starts_with(&format!("HTTP/1.1 {status} ")), "{length}: {said}");
    }
    for length in ["99999999999999999999999", "-1", "1, 2", "abc"] {
        let mut connection = server.connect().await;
        connection.send(post_head(&app, TOKEN, &format!("Content-Length: {length}\r\n"))).await;
        let said = connection.closed().await;
        assert!(said.starts_with("HTTP/1.1 400 "), "{length}: {said}");
    }
}

/// The answer waits for the body, so that the connection can be used again.
#[tokio::test]
async fn a_refused_body_leaves_the_connection_usable() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let mut connection = server.connect().await;
    let head = post_head(&app, TOKEN, "Content-Length: 29\r\n");
    let rows = [
        ("JSON", head.replace(FORM, "application/json")),
        ("gzip", head.replace("Host: ", "Content-Encoding: gzip\r\nHost: ")),
    ];
    for (row, head) in rows {
        connection.send(head).await;
        connection.assert_silent().await;
        connection.send(GRANT).await;
        let answer = connection.answer().await;
        assert_eq!(answer.outcome(), INVALID_REQUEST, "row: {row}");
    }
    connection.send(post(&app, TOKEN, "", GRANT)).await;
    connection.answer().await.token();
}

/// The management API refuses for credentials and path before it looks at a body.
#[tokio::test]
async fn a_body_that_nobody_looks_at_leaves_the_connection_usable() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let mut connection = server.connect().await;
    for (path, status) in [("/api/public/v1.0/orgs", 401), ("/api/atlas/v2/nowhere", 404)] {
        for length in ["Content-Length: 70000\r\n", "Transfer-Encoding: chunked\r\n"] {
            let head = post_head(&app, TOKEN, length);
            let (_, rest) = head.split_once("\r\n").unwrap();
            connection.send(format!("POST {path} HTTP/1.1\r\n{rest}")).await;
            connection.assert_silent().await;
            let body = "x".repeat(70_000);
            if length.contains("chunked") {
                connection.send(format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len())).await;
            } else {
                connection.send(body).await;
            }
            assert_eq!(connection.answer().await.status(), status, "{path} {length}");
        }
    }
    connection.send(post(&app, TOKEN, "", GRANT)).await;
    connection.answer().await.token();
}

#[tokio::test]
async fn a_request_may_come_byte_by_byte() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let mut connection = server.connect().await;
    for byte in post(&app, TOKEN, "", GRANT).into_bytes() {
        connection.send([byte]).await;
        tokio::task::yield_now().await;
    }
    let token = connection.answer().await.token();
    assert!(app.is_alive(&app.owner, &token).await);
}

/// Nothing is done for half a request, and nobody else notices.
#[tokio::test]
async fn a_client_that_hangs_up_within_a_body_has_asked_for_nothing() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let server = Server::start(&app).await;
    let head = app.log_head().await;
    let form = format!("token={token}");
    for cut in [1, form.len() - 1, form.len()] {
        let whole =
            post(&app, REVOKE, "", &form).replace(&format!("{}\r\n", form.len()), "2000\r\n");
        let mut connection = server.connect().await;
        connection.send(&whole[..whole.len() - form.len() + cut]).await;
        connection.finish_sending().await;
        let said = connection.closed().await;
        assert!(!said.contains(" 200 "), "{said}");
        drop(connection);
    }
    assert_eq!(app.log_head().await, head);
    assert!(app.is_alive(&app.owner, &token).await);
    let mut connection = server.connect().await;
    connection.send(post(&app, REVOKE, "", &form)).await;
    assert_eq!(connection.answer().await.outcome(), REVOKED);
}
