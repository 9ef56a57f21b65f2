//! How much is let in: connections and requests, in total and from one address.

use std::{net::SocketAddr, num::NonZeroUsize, sync::Arc, time::Duration};

use axum::http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Bytes, client::conn::http2::handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rescind_harness::frames::{head, hello};
use rescind_http::{ConnectionLimits, ForwardedHeader, Transport, TrustedProxies};
use tokio::net::{TcpSocket, TcpStream};

use super::{Connection, Server, post, post_head, soon};
use crate::{
    app::{TOKEN, TestApp},
    call::{Answer, FORM, basic},
    literal::OVERLOADED,
    operations,
};

const GRANT: &str = "grant_type=client_credentials";

fn limits(connections: usize, connections_per_address: usize) -> ConnectionLimits {
    let [connections, connections_per_address] =
        [connections, connections_per_address].map(|limit| NonZeroUsize::new(limit).unwrap());
    ConnectionLimits { connections, connections_per_address }
}

/// A connection from another address of this host.
async fn from(address: &str, server: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::new(address.parse().unwrap(), 0)).unwrap();
    socket.connect(server).await.unwrap()
}

/// One request by HTTP/2.
async fn ask(stream: TcpStream, method: &str, path: &str, authorization: &str) -> Answer {
    let (mut client, connection) =
        handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::builder()
        .method(method)
        .uri(format!("http://localhost{path}"))
        .header("content-type", FORM)
        .header("authorization", authorization)
        .body(Full::<Bytes>::from(if method == "POST" { GRANT } else { "" }))
        .unwrap();
    let (parts, body) = soon("an answer", client.send_request(request)).await.unwrap().into_parts();
    let body = soon("a body", body.collect()).await.unwrap().to_bytes();
    Answer { status: parts.status.as_u16(), headers: parts.headers, body }
}

/// Asks for a token until there is one: what is given back is given back a little later.
async fn soon_served(app: &TestApp, server: &Server) {
    soon("to be served again", async {
        loop {
            let mut connection = server.connect().await;
            let request = post(app, TOKEN, "Connection: close\r\n", GRANT);
            if connection.try_send(request).await.is_ok()
                && connection.closed().await.starts_with("HTTP/1.1 200 ")
            {
                return;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_address_has_so_many_connections_and_others_have_theirs() {
    let app = TestApp::start().await;
    let server = Server::with(&app, limits(100, 3)).await;
    let mut used = Vec::new();
    for _ in 0..3 {
        let mut connection = server.connect().await;
        connection.send(post(&app, TOKEN, "", GRANT)).await;
        connection.answer().await.token();
        used.push(connection);
    }
    let mut one_more = server.connect().await;
    assert_eq!(one_more.closed().await, "");
    let mut other = Connection::over(from("127.0.0.2", server.address).await);
    other.send(post(&app, TOKEN, "", GRANT)).await;
    other.answer().await.token();
    for connection in &mut used {
        connection.send(post(&app, TOKEN, "", GRANT)).await;
        connection.answer().await.token();
    }
    used.pop();
    soon_served(&app, &server).await;
}

/// Waits until a metric has this value.
async fn until_counted(app: &TestApp, metric: &str, expected: f64) {
    soon(metric, async {
        while (operations::value(app, metric).await - expected).abs() > 0.1 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn operators_see_how_many_connections_are_open_and_were_refused() {
    let app = TestApp::start().await;
    let server = Server::with(&app, limits(100, 2)).await;
    let (open, refused) = ("rescind_connections", "rescind_connections_refused_total");
    until_counted(&app, open, 0.0).await;
    let used = [server.connect().await, server.connect().await];
    until_counted(&app, open, 2.0).await;
    until_counted(&app, refused, 0.0).await;
    assert_eq!(server.connect().await.closed().await, "");
    until_counted(&app, refused, 1.0).await;
    until_counted(&app, open, 2.0).await;
    drop(used);
    until_counted(&app, open, 0.0).await;
    until_counted(&app, refused, 1.0).await;
}

#[tokio::test]
async fn operators_see_how_many_requests_were_one_too_many() {
    let app = TestApp::start().await;
    let server = Server::with(&app, limits(100, 1)).await;
    let refused = "rescind_requests_refused_total";
    let mut connection = server.connect().await;
    // Their bodies never come.
    connection.send([hello(&[]), head("POST", TOKEN, 0, 1)].concat()).await;
    until_counted(&app, "rescind_connections", 1.0).await;
    until_counted(&app, refused, 0.0).await;
    connection.send([head("POST", TOKEN, 0, 3), head("POST", TOKEN, 0, 5)].concat()).await;
    until_counted(&app, refused, 2.0).await;
}

/// Nobody is turned away who could be served if others did not sit idle on all places.
#[tokio::test]
async fn when_all_places_are_taken_those_who_do_nothing_have_to_go() {
    let app = TestApp::start().await;
    let server = Server::with(&app, limits(8, 8)).await;
    let mut idle = Vec::new();
    let half = post(&app, TOKEN, "", GRANT);
    for sent in ["", "P", &half[..60], "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"].iter().cycle().take(8) {
        let mut connection = server.connect().await;
        connection.send(sent).await;
        idle.push(connection);
    }
    let mut waiting = server.connect().await;
    waiting.send(post(&app, TOKEN, "", GRANT)).await;
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    waiting.answer().await.token();
    assert!(begun.elapsed() <= Duration::from_secs(15), "{:?}", begun.elapsed());
}

/// HTTP/2 multiplies nothing: an address has as many requests in flight as connections.
#[tokio::test]
async fn one_request_too_many_of_an_address_is_a_503_and_others_are_served() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let server = Server::with(&app, limits(100, 3)).await;
    let mut holding = server.connect().await;
    holding.send(hello(&[])).await;
    let owner = basic(&app.owner.id, app.owner.secret());
    let bearer = format!("Bearer {token}");
    let connect = || from("127.0.0.1", server.address);
    let refused = soon("the places to be taken", async {
        for stream in (1..).step_by(2) {
            // Its body never comes.
            holding.send(head("POST", TOKEN, 0, stream)).await;
            let answer = ask(connect().await, "POST", TOKEN, &owner).await;
            if answer.status != 200 {
                return answer;
            }
        }
        unreachable!("there is always one more")
    })
    .await;
    assert_eq!(refused.outcome(), OVERLOADED);
    assert_eq!(refused.lines("retry-after"), ["1"]);
    let list = ask(connect().await, "GET", "/statuslists/1", &bearer).await;
    assert_eq!((list.status, list.lines("retry-after")), (503, vec!["1"]));
    let refused = ask(connect().await, "GET", "/api/public/v1.0/orgs", &bearer).await;
    assert_eq!(
        (refused.status, &*refused.json()["errorCode"].to_string()),
        (503, r#""SERVICE_UNAVAILABLE""#)
    );
    assert_eq!(refused.lines("retry-after"), ["1"]);
    assert_eq!(ask(connect().await, "GET", "/healthz", "").await.status, 200);
    let other = from("127.0.0.2", server.address).await;
    assert_eq!(ask(other, "POST", TOKEN, &owner).await.status, 200);
    drop(holding);
    soon_served(&app, &server).await;
}

/// A proxy's connections carry the requests of all its clients: each of these has as many in
/// flight as one that comes directly has connections.
#[tokio::test]
async fn one_request_too_many_of_a_client_behind_a_proxy_is_a_503_and_others_are_served() {
    let app = TestApp::start().await;
    let networks = vec!["127.0.0.0/8".parse().unwrap()];
    let header = ForwardedHeader::XForwardedFor;
    let proxies = Arc::new(TrustedProxies { networks, header, proxy_protocol: false });
    let transport = Transport { tls: None, proxies };
    let server = Server::serve(app.router(), transport, limits(100, 3)).await;
    let named = |address: &str| format!("X-Forwarded-For: {address}\r\n");
    let mut holding = Vec::new();
    for _ in 0..3 {
        let mut connection = server.connect().await;
        // Its body never comes.
        let lines = format!("{}Content-Length: 29\r\n", named("203.0.113.7"));
        connection.send(post_head(&app, TOKEN, &lines)).await;
        holding.push(connection);
    }
    let mut proxy = server.connect().await;
    soon("the places to be taken", async {
        loop {
            proxy.send(post(&app, TOKEN, &named("203.0.113.7"), GRANT)).await;
            if proxy.answer().await.status() == 503 {
                return;
            }
        }
    })
    .await;
    for other in ["203.0.113.8", "2001:db8::1"] {
        proxy.send(post(&app, TOKEN, &named(other), GRANT)).await;
        assert_eq!(proxy.answer().await.status(), 200, "{other}");
    }
    // The proxy itself.
    proxy.send(post(&app, TOKEN, "", GRANT)).await;
    assert_eq!(proxy.answer().await.status(), 200);
    drop(holding);
    soon("a place to be free", async {
        loop {
            proxy.send(post(&app, TOKEN, &named("203.0.113.7"), GRANT)).await;
            if proxy.answer().await.status() == 200 {
                return;
            }
        }
    })
    .await;
}

/// The same for all addresses together.
#[tokio::test]
async fn one_request_too_many_of_all_is_a_503() {
    let app = TestApp::start().await;
    let server = Server::with(&app, limits(4, 4)).await;
    let mut holding = server.connect().await;
    holding.send(hello(&[])).await;
    let owner = basic(&app.owner.id, app.owner.secret());
    soon("the places to be taken", async {
        for stream in (1..).step_by(2) {
            holding.send(head("POST", TOKEN, 0, stream)).await;
            let other = from("127.0.0.2", server.address).await;
            if ask(other, "POST", TOKEN, &owner).await.status == 503 {
                break;
            }
        }
    })
    .await;
    drop(holding);
    soon_served(&app, &server).await;
}
