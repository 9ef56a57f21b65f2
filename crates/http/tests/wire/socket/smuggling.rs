//! Requests that two readers could cut in two different ways (RFC 9112 section 11.2): a proxy in
//! front sees one request, and the server must not find another one inside it.

use super::{Server, post, post_head};
use crate::app::{TOKEN, TestApp};

const GRANT: &str = "grant_type=client_credentials";

/// What somebody would like to be taken for a request of somebody else.
const SMUGGLED: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Each is answered once, with this status, and then the connection is closed.
#[tokio::test]
async fn what_can_be_cut_in_two_ways_is_one_request_and_the_last() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let head = |lines: &str| post_head(&app, TOKEN, lines);
    let length = format!("Content-Length: {}\r\n", GRANT.len());
    let chunked = "Transfer-Encoding: chunked\r\n";
    let in_chunks = format!("{:x}\r\n{GRANT}\r\n0\r\n\r\n", GRANT.len());
    let plain = |lines: &str| head(&format!("{length}{lines}")) + GRANT;
    #[rustfmt::skip]
    let rows = [
        // RFC 9112 section 6.1: the chunks count, and the connection is closed.
        ("a length and chunks", 200, head(&format!("Content-Length: 4\r\n{chunked}")) + &in_chunks),
        ("chunks and a length", 200, head(&format!("{chunked}Content-Length: 4\r\n")) + &in_chunks),
        ("two lengths", 400, plain("Content-Length: 4\r\n")),
        ("two lengths in a line", 400, head("Content-Length: 29, 4\r\n") + GRANT),
        ("a length with a sign", 400, head("Content-Length: +29\r\n") + GRANT),
        ("a length in hexadecimal", 400, head("Content-Length: 0x1d\r\n") + GRANT),
        ("an empty length", 400, head("Content-Length: \r\n") + GRANT),
        ("a space before the colon", 400, head("Content-Length : 29\r\n") + GRANT),
        ("a line folded into the next", 400, plain("X-Folded: a\r\n b\r\n")),
        ("a folded length", 400, head("Content-Length:\r\n 29\r\n") + GRANT),
        ("a carriage return in a value", 400, plain("X-Return: a\rContent-Length: 4\r\n")),
        ("a zero byte in a value", 400, plain("X-Zero: a\0b\r\n")),
        ("an empty name", 400, plain(": a\r\n")),
        ("no colon", 400, plain("Transfer-Encoding chunked\r\n")),
        ("another encoding", 400, head("Transfer-Encoding: gzip\r\n") + &in_chunks),
        ("chunks within another encoding", 400, head("Transfer-Encoding: chunked, gzip\r\n") + &in_chunks),
        ("almost chunks", 400, head("Transfer-Encoding: xchunked\r\n") + &in_chunks),
        ("chunks in quotes", 400, head("Transfer-Encoding: \"chunked\"\r\n") + &in_chunks),
        ("chunks in HTTP/1.0", 400, (head(chunked) + &in_chunks).replace("HTTP/1.1", "HTTP/1.0")),
        ("a chunk of a size with a sign", 400, head(chunked) + &in_chunks.replacen("1d", "+1d", 1)),
        ("a chunk of a size with a prefix", 400, head(chunked) + &in_chunks.replacen("1d", "0x1d", 1)),
        ("a chunk of no size", 400, head(chunked) + &in_chunks.replacen("1d", "", 1)),
        ("a chunk of a size that overflows", 400, head(chunked) + &in_chunks.replacen("1d", "1000000000000001d", 1)),
        ("a chunk longer than it says", 400, head(chunked) + &in_chunks.replacen("1d", "1c", 1)),
        ("a chunk that begins with a bare line feed", 400, head(chunked) + &in_chunks.replacen("1d\r\n", "1d\n", 1)),
        ("an extension with a bare line feed", 400, head(chunked) + &in_chunks.replacen("1d\r\n", "1d;a\nb\r\n", 1)),
        ("an endless extension", 400, head(chunked) + &in_chunks.replacen("1d", &format!("1d;{}", "a".repeat(20_000)), 1)),
        ("no HTTP at all", 400, "\x16\x03\x01\x02\0\x01\0\x01\x7c\x03\x03 a client hello\r\n\r\n".to_owned()),
    ];
    for (row, status, request) in rows {
        let mut connection = server.connect().await;
        // It may have been closed before all of it was sent.
        let _ = connection.try_send(request + SMUGGLED).await;
        let said = connection.closed().await;
        assert!(said.starts_with(&format!("HTTP/1.1 {status} ")), "row: {row}: {said:?}");
        assert_eq!(said.matches("HTTP/1.").count(), 1, "row: {row}: {said:?}");
    }
    let mut connection = server.connect().await;
    connection.send(post(&app, TOKEN, "", GRANT)).await;
    connection.answer().await.token();
}

/// What all readers cut alike is in step with what follows it.
#[tokio::test]
async fn what_follows_an_odd_request_is_answered_too() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let length = format!("Content-Length: {}\r\n", GRANT.len());
    let in_chunks = format!("{:X};a=\"b\"\r\n{GRANT}\r\n000\r\n\r\n", GRANT.len());
    #[rustfmt::skip]
    let rows = [
        ("the same length twice", post_head(&app, TOKEN, &length.repeat(2)) + GRANT),
        ("chunks in capitals, with zeros", post_head(&app, TOKEN, "Transfer-Encoding: CHUNKED\r\n") + &in_chunks),
        ("an upgrade that is not taken", post(&app, TOKEN, "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n", GRANT)),
        ("an empty line first", format!("\r\n{}", post(&app, TOKEN, "", GRANT))),
    ];
    for (row, request) in rows {
        let mut connection = server.connect().await;
        connection.send(request + &post(&app, TOKEN, "", GRANT)).await;
        for _ in 0..2 {
            let answer = connection.answer().await;
            assert_eq!(answer.status(), 200, "row: {row}: {answer:?}");
        }
        connection.assert_silent().await;
    }
}
