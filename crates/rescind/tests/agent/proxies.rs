//! The very requests of Envoy (`ext_authz` over HTTP) and of Traefik (`forwardAuth`), as the
//! configurations of docs/agent.md make them.

use std::io::{Read, Write};
use std::net::TcpStream;

use rescind_harness::Server;

use crate::{PATIENCE, agent, authority, until};

/// The head of the answer to these bytes, on a connection that is kept.
fn exchange(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).unwrap();
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

fn connect(agent: &Server) -> TcpStream {
    let stream = TcpStream::connect(agent.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Writes a request: method, path, token, client.
type Proxy = fn(&str, &str, &str, &str) -> String;

/// The method is the client's, the path too, behind the prefix; a length of zero; its own address
/// behind those in X-Forwarded-For; the client's in the header that is added.
fn envoy(method: &str, path: &str, token: &str, client: &str) -> String {
    format!(
        "{method} /envoy{path} HTTP/1.1\r\nhost: api.example.com\r\ncontent-length: 0\r\n\
         authorization: Bearer {token}\r\nx-real-ip: {client}\r\nx-envoy-internal: true\r\n\
         x-forwarded-for: 203.0.113.9, 10.1.0.5\r\nx-envoy-expected-rq-timeout-ms: 200\r\n\
         x-request-id: 6b1f0c2d-9a4e-5783-3c0d-9e11aa00bb22\r\n\r\n"
    )
}

/// Always a GET of the path in `address`, with the client's headers, and of what it asked in others.
fn traefik(method: &str, path: &str, token: &str, client: &str) -> String {
    format!(
        "GET /traefik HTTP/1.1\r\nHost: 127.0.0.1:9180\r\nUser-Agent: curl/8.5.0\r\n\
         Accept: */*\r\nAuthorization: Bearer {token}\r\nX-Forwarded-For: {client}\r\n\
         X-Forwarded-Host: api.example.com\r\nX-Forwarded-Method: {method}\r\n\
         X-Forwarded-Port: 443\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Server: edge\r\n\
         X-Forwarded-Uri: {path}\r\nX-Real-Ip: {client}\r\nAccept-Encoding: gzip\r\n\r\n"
    )
}

#[tokio::test]
async fn the_requests_of_envoy_and_traefik_are_answered_by_their_token() {
    let authority = authority();
    let first = agent(&authority).await;
    let mut client = authority.client();
    let (alive, dead) = (client.issue().await.unwrap(), client.issue().await.unwrap());
    authority.admit("127.0.0.0/8").await.unwrap();
    client.revoke(&dead).await.unwrap();
    until(first.url(), &dead, 401).await;
    for (proxy, name) in [(envoy as Proxy, "Envoy"), (traefik as Proxy, "Traefik")] {
        let mut stream = connect(&first);
        // Over one connection, as both keep it.
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"] {
            for path in ["/", "/v1/orders?status=open", "/healthz", "/a%20b"] {
                let head = exchange(&mut stream, &proxy(method, path, &alive, "127.0.0.7"));
                assert!(head.starts_with("HTTP/1.1 200 "), "{name} {method} {path}: {head}");
                assert!(head.contains("X-Rescind-Roles: ORG_OWNER\r\n"), "{name}: {head}");
                let head = exchange(&mut stream, &proxy(method, path, &dead, "127.0.0.7"));
                assert!(head.starts_with("HTTP/1.1 401 "), "{name} {method} {path}: {head}");
                assert!(head.contains("Www-Authenticate: Bearer "), "{name}: {head}");
                let head = exchange(&mut stream, &proxy(method, path, &alive, "192.0.2.1"));
                assert!(head.starts_with("HTTP/1.1 403 "), "{name} {method} {path}: {head}");
            }
        }
        let mut head = exchange(&mut stream, &proxy("HEAD", "/", &alive, "127.0.0.7"));
        assert!(head.starts_with("HTTP/1.1 200 "), "{name} HEAD: {head}");
        // The body of the client, where a proxy is told to send it, is of no interest.
        let with_body = proxy("POST", "/", &alive, "127.0.0.7")
            .replace("content-length: 0\r\n", "")
            .replace("\r\n\r\n", "\r\nContent-Length: 11\r\n\r\nhello world");
        head = exchange(&mut stream, &with_body);
        assert!(head.starts_with("HTTP/1.1 200 "), "{name} with a body: {head}");
        head = exchange(&mut stream, &proxy("GET", "/", &alive, "127.0.0.7"));
        assert!(head.starts_with("HTTP/1.1 200 "), "{name} after a body: {head}");
    }
}
