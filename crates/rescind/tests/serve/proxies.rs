//! Where requests come from when proxies stand in front: access lists and events see it alike.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use rescind_harness::{Client, Installation, Server, ServerBuilder};
use serde_json::{Value, json};

use crate::BINARY;

const CLIENT: &str = "203.0.113.7";
const V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x07\x7f\0\0\x01\x12\x67\0\x50";

/// A way to say that a request comes from 203.0.113.7.
struct Way {
    options: &'static [&'static str],
    /// What the connection begins with.
    header: &'static [u8],
    /// A line of each request.
    line: &'static str,
}

#[rustfmt::skip]
const WAYS: [Way; 4] = [
    Way { options: &[],                            header: b"", line: "X-Forwarded-For: 198.51.100.66, 203.0.113.7\r\n" },
    Way { options: &["--client-header=forwarded"], header: b"", line: "Forwarded: for=198.51.100.66, for=203.0.113.7;proto=https\r\n" },
    Way { options: &["--proxy-protocol=on"],       header: b"PROXY TCP4 203.0.113.7 127.0.0.1 4711 80\r\n", line: "" },
    Way { options: &["--proxy-protocol=on"],       header: V2, line: "X-Forwarded-For: 198.51.100.66\r\n" },
];

/// Status and body of a request that goes this way.
fn ask(
    server: &Server,
    way: &Way,
    method: &str,
    path: &str,
    token: &str,
    body: &str,
) -> (u16, Value) {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let (line, length) = (way.line, body.len());
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: rescind.test\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n{line}\r\n{body}"
    );
    stream.write_all(&[way.header, request.as_bytes()].concat()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or_default())
}

#[tokio::test]
async fn access_lists_and_events_see_the_client_that_a_trusted_proxy_names() {
    for way in &WAYS {
        let root = tempfile::tempdir().unwrap();
        let account = Installation::init(BINARY, root.path()).unwrap();
        // Of the time before there was a proxy.
        let server = Server::builder(BINARY, root.path()).public_url("http://rescind.test");
        let server = server.start().unwrap();
        let token = Client::new(server.url()).with_credentials(&account).issue().await.unwrap();
        server.terminate().unwrap();

        let server =
            way.options.iter().fold(Server::builder(BINARY, root.path()), ServerBuilder::arg);
        let server = server.arg("--trusted-proxies=10.0.0.0/8,127.0.0.0/8");
        let server = server.public_url("http://rescind.test").start().unwrap();
        let org = format!("/api/public/v1.0/orgs/{}", account.org_id);
        let list = format!("{org}/serviceAccounts/{}/accessList", account.client_id);
        let entry = json!([{"ipAddress": CLIENT}]).to_string();
        let (status, answer) = ask(&server, way, "POST", &list, &token, &entry);
        assert_eq!(status, 200, "{answer}");
        // Who locks itself out is refused, so it is on its own list.
        let (status, events) =
            ask(&server, way, "GET", &format!("{org}/events?itemsPerPage=1"), &token, "");
        assert_eq!(status, 200, "{events}");
        assert_eq!(events["results"][0]["remoteAddress"], CLIENT, "{events}");

        let other = match way.header {
            b"" => Way { line: "", ..*way },
            _ => Way { header: b"PROXY UNKNOWN\r\n", ..*way },
        };
        let (status, refusal) = ask(&server, &other, "GET", &org, &token, "");
        assert_eq!(status, 403, "{refusal}");
        assert_eq!(refusal["parameters"], json!(["127.0.0.1"]), "{refusal}");
    }
}

#[tokio::test]
async fn nobody_is_believed_unless_it_is_trusted() {
    let root = tempfile::tempdir().unwrap();
    let account = Installation::init(BINARY, root.path()).unwrap();
    let server = Server::builder(BINARY, root.path()).arg("--trusted-proxies=10.0.0.0/8");
    let server = server.start().unwrap();
    let token = Client::new(server.url()).with_credentials(&account).issue().await.unwrap();
    let org = format!("/api/public/v1.0/orgs/{}", account.org_id);
    let list = format!("{org}/serviceAccounts/{}/accessList", account.client_id);
    let line = "X-Forwarded-For: 203.0.113.7\r\nForwarded: for=203.0.113.7\r\n";
    let liar = Way { options: &[], header: b"", line };
    let entry = json!([{"ipAddress": "127.0.0.1"}]).to_string();
    assert_eq!(ask(&server, &liar, "POST", &list, &token, &entry).0, 200);
    assert_eq!(ask(&server, &liar, "GET", &org, &token, "").0, 200);
    let (_, events) =
        ask(&server, &liar, "GET", &format!("{org}/events?itemsPerPage=1"), &token, "");
    assert_eq!(events["results"][0]["remoteAddress"], "127.0.0.1", "{events}");
}
