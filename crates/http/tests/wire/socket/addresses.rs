//! Where a request came from: the peer, or whom a trusted proxy speaks for.

use std::{net::SocketAddr, num::NonZeroUsize, sync::Arc};

use axum::{Extension, Router};
use proxy_protocol_rs::HeaderBuilder;
use rescind_authority::Limits;
use rescind_http::{ClientAddress, ConnectionLimits, ForwardedHeader, Transport, TrustedProxies};

use super::{Connection, Server, post};
use crate::app::{TOKEN, TestApp};

const LOOPBACK: &str = "127.0.0.1";
const CLIENT: &str = "203.0.113.7";

/// A server that answers each request with where it came from, which is 127.0.0.1.
async fn server(trusted: &str, header: ForwardedHeader, proxy_protocol: bool) -> Server {
    Server::of(echo(), behind(trusted, header, proxy_protocol)).await
}

/// Answers with where a request came from.
fn echo() -> Router {
    let echo = async |Extension(client): Extension<ClientAddress>| client.0.to_string();
    Router::new().fallback(echo)
}

fn behind(trusted: &str, header: ForwardedHeader, proxy_protocol: bool) -> Transport {
    let networks = vec![trusted.parse().unwrap()];
    let proxies = Arc::new(TrustedProxies { networks, header, proxy_protocol });
    Transport { tls: None, proxies }
}

fn get(lines: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n")
}

/// Where the server says that a request with these lines came from.
async fn seen(connection: &mut Connection, lines: &str) -> String {
    connection.send(get(lines)).await;
    let answer = connection.answer().await;
    assert_eq!(answer.status(), 200, "{answer:?}");
    answer.body
}

fn header(source: &str, destination: &str) -> (SocketAddr, SocketAddr) {
    (source.parse().unwrap(), destination.parse().unwrap())
}

#[tokio::test]
async fn a_stranger_is_who_it_is_whatever_it_says() {
    let server = server("10.0.0.0/8", ForwardedHeader::XForwardedFor, false).await;
    let mut connection = server.connect().await;
    for lines in [
        "",
        "X-Forwarded-For: 203.0.113.7\r\n",
        "X-Forwarded-For: nonsense\r\n",
        "Forwarded: for=203.0.113.7\r\nX-Real-IP: 203.0.113.7\r\nX-Forwarded-For: 10.0.0.1\r\n",
    ] {
        assert_eq!(seen(&mut connection, lines).await, LOOPBACK, "{lines}");
    }
}

/// Each request of a connection has a client of its own.
#[tokio::test]
async fn a_trusted_proxy_names_the_client_of_each_request() {
    let rows = [
        (ForwardedHeader::XForwardedFor, "X-Forwarded-For: 198.51.100.66, 203.0.113.7\r\n"),
        (ForwardedHeader::Forwarded, "Forwarded: for=198.51.100.66, for=\"203.0.113.7:80\"\r\n"),
    ];
    for (header, lines) in rows {
        let server = server("127.0.0.0/8", header, false).await;
        let mut connection = server.connect().await;
        assert_eq!(seen(&mut connection, lines).await, CLIENT, "{header:?}");
        assert_eq!(seen(&mut connection, "").await, LOOPBACK, "{header:?}");
        assert_eq!(seen(&mut connection, lines).await, CLIENT, "{header:?}");
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_understood_is_told_so() {
    let server = server("127.0.0.0/8", ForwardedHeader::XForwardedFor, false).await;
    let mut connection = server.connect().await;
    connection.send(get("X-Forwarded-For: nonsense\r\n")).await;
    assert_eq!(connection.answer().await.outcome(), (400, ""));
    assert_eq!(seen(&mut connection, "X-Forwarded-For: 203.0.113.7\r\n").await, CLIENT);
}

#[tokio::test]
async fn a_header_of_the_proxy_protocol_names_the_client_of_a_connection() {
    let server = server("127.0.0.0/8", ForwardedHeader::XForwardedFor, true).await;
    let (v4, v4_to) = header("203.0.113.7:4711", "127.0.0.1:80");
    let (v6, v6_to) = header("[2001:db8::7]:4711", "[::1]:80");
    let (proxy, _) = header("127.0.0.9:4711", "127.0.0.1:80");
    let crc = HeaderBuilder::v2_proxy(v6, v6_to).with_unique_id([7; 100]).with_crc32c();
    #[rustfmt::skip]
    let rows = [
        ("version 1, IPv4",  HeaderBuilder::v1_proxy(v4, v4_to).build(),  CLIENT,        CLIENT),
        ("version 1, IPv6",  HeaderBuilder::v1_proxy(v6, v6_to).build(),  "2001:db8::7", "2001:db8::7"),
        ("version 2, IPv4",  HeaderBuilder::v2_proxy(v4, v4_to).build(),  CLIENT,        CLIENT),
        ("version 2, IPv6, more behind it", crc.build(),                  "2001:db8::7", "2001:db8::7"),
        ("version 1, not known who",        HeaderBuilder::v1_unknown().build(), LOOPBACK, LOOPBACK),
        ("version 2, the proxy for itself", HeaderBuilder::v2_local().build(),   LOOPBACK, LOOPBACK),
        ("another proxy behind the first",  HeaderBuilder::v2_proxy(proxy, v4_to).build(), "127.0.0.9", "198.51.100.66"),
    ];
    for (row, header, address, with_lines) in rows {
        for whole in [true, false] {
            let mut connection = server.connect().await;
            if whole {
                connection.send([&header[..], get("").as_bytes()].concat()).await;
            } else {
                for byte in &header {
                    connection.send([*byte]).await;
                    tokio::task::yield_now().await;
                }
                connection.send(get("")).await;
            }
            assert_eq!(connection.answer().await.body, address, "row: {row}");
            let lines = "X-Forwarded-For: 198.51.100.66\r\n";
            assert_eq!(seen(&mut connection, lines).await, with_lines, "row: {row}");
        }
    }
}

#[tokio::test]
async fn what_begins_without_such_a_header_is_closed() {
    let server = server("127.0.0.0/8", ForwardedHeader::XForwardedFor, true).await;
    let (source, destination) = header("203.0.113.7:4711", "127.0.0.1:80");
    let mut altered = HeaderBuilder::v2_proxy(source, destination).with_crc32c().build();
    altered[16] ^= 1;
    let mut endless = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff".to_vec();
    endless.resize(5000, 0);
    for begins in [
        get("").into_bytes(),
        b"PROXY TCP4 203.0.113.7\r\n".to_vec(),
        b"PROXY TCP4 2001:db8::7 ::1 1 2\r\n".to_vec(),
        [b"PROXY TCP4 ".to_vec(), vec![b'1'; 100]].concat(),
        altered,
        endless,
    ] {
        let mut connection = server.connect().await;
        connection.send(&begins).await;
        let _ = connection.try_send(get("")).await;
        assert_eq!(connection.closed().await, "", "{begins:?}");
    }
}

#[tokio::test]
async fn a_stranger_is_not_served_where_proxies_are_expected() {
    let server = server("10.0.0.0/8", ForwardedHeader::XForwardedFor, true).await;
    let (source, destination) = header("10.0.0.1:4711", "127.0.0.1:80");
    let mut connection = server.connect().await;
    let _ = connection.try_send(HeaderBuilder::v2_proxy(source, destination).build()).await;
    assert_eq!(connection.closed().await, "");
}

/// A proxy has as many connections as it has clients; each of those has no more than others.
#[tokio::test]
async fn connections_are_counted_for_the_client_and_not_for_the_proxy() {
    let limits = |per_address: usize| ConnectionLimits {
        connections: NonZeroUsize::new(100).unwrap(),
        connections_per_address: NonZeroUsize::new(per_address).unwrap(),
    };
    let plain = behind("127.0.0.0/8", ForwardedHeader::XForwardedFor, false);
    let server = Server::serve(echo(), plain, limits(1)).await;
    let mut connections = Vec::new();
    for _ in 0..3 {
        let mut connection = server.connect().await;
        assert_eq!(seen(&mut connection, "").await, LOOPBACK);
        connections.push(connection);
    }

    let proxied = behind("127.0.0.0/8", ForwardedHeader::XForwardedFor, true);
    let server = Server::serve(echo(), proxied, limits(1)).await;
    let header = |source: &str| {
        let (source, destination) = header(source, "127.0.0.1:80");
        HeaderBuilder::v2_proxy(source, destination).build()
    };
    for (source, is_served) in
        [("203.0.113.7:1", true), ("203.0.113.7:2", false), ("203.0.113.8:1", true)]
    {
        let mut connection = server.connect().await;
        connection.send(header(source)).await;
        let _ = connection.try_send(get("")).await;
        if is_served {
            assert_eq!(connection.answer().await.status(), 200, "{source}");
            connections.push(connection);
        } else {
            assert_eq!(connection.closed().await, "", "{source}");
        }
    }
}

/// Clients share the connections of their proxy, and one account, but not their attempts.
#[tokio::test]
async fn clients_behind_one_proxy_have_their_own_attempts_each() {
    let oauth = "2/1m".parse().ok();
    let app = TestApp::start_limited(Limits { oauth, ..Limits::default() }).await;
    let rows = [
        (
            ForwardedHeader::XForwardedFor,
            ["X-Forwarded-For: 203.0.113.7", "X-Forwarded-For: 203.0.113.8"],
        ),
        (
            ForwardedHeader::Forwarded,
            ["Forwarded: for=198.51.100.7", "Forwarded: for=198.51.100.8"],
        ),
    ];
    for (header, [one, other]) in rows {
        let server = Server::of(app.router(), behind("127.0.0.0/8", header, false)).await;
        let mut proxy = server.connect().await;
        #[rustfmt::skip]
        let attempts = [
            (one,   200, "1"),
            (one,   200, "0"),
            (one,   429, "0"),
            (other, 200, "1"),
            (one,   429, "0"),
            (other, 200, "0"),
            (other, 429, "0"),
        ];
        for (number, (client, status, left)) in attempts.into_iter().enumerate() {
            let request =
                post(&app, TOKEN, &format!("{client}\r\n"), "grant_type=client_credentials");
            proxy.send(request).await;
            let answer = proxy.answer().await;
            let told =
                ["ratelimit-limit", "ratelimit-remaining"].map(|name| answer.lines(name).concat());
            assert_eq!(
                (answer.status(), told),
                (status, ["2", left].map(String::from)),
                "{client}, {number}"
            );
            assert_eq!(answer.lines("retry-after").is_empty(), status == 200, "{client}, {number}");
        }
    }
}
