//! The end of a server: what is in flight is finished, nothing new is begun.

use tokio::net::TcpStream;

use super::{Server, post, post_head, soon};
use crate::{
    app::{REVOKE, TOKEN, TestApp},
    literal::REVOKED,
};

const GRANT: &str = "grant_type=client_credentials";

#[tokio::test]
async fn a_request_in_flight_is_finished() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let form = format!("token={token}");
    let server = Server::start(&app).await;
    let address = server.address;
    let mut connection = server.connect().await;
    let lines = format!("Expect: 100-continue\r\nContent-Length: {}\r\n", form.len());
    connection.send(post_head(&app, REVOKE, &lines)).await;
    assert_eq!(connection.answer().await.status(), 100, "the request is in hand");

    let stopping = server.stop();
    soon("the port to be closed", async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert!(!stopping.is_finished(), "a request is in flight");

    connection.send(form).await;
    let answer = connection.answer().await;
    assert_eq!(answer.outcome(), REVOKED);
    assert_eq!(answer.lines("connection"), ["close"]);
    assert_eq!(connection.closed().await, "");
    soon("the server to end", stopping).await.unwrap();
    assert!(!app.is_alive(&app.owner, &token).await);
}

/// A request that comes after the end has begun, on a connection that was in use then.
#[tokio::test]
async fn an_error_says_too_that_the_connection_will_be_closed() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let mut connection = server.connect().await;
    let lines = "Expect: 100-continue\r\nContent-Length: 8\r\n";
    connection.send(post_head(&app, TOKEN, lines)).await;
    assert_eq!(connection.answer().await.status(), 100, "the request is in hand");
    let stopping = server.stop();
    connection.send("nonsense").await;
    let answer = connection.answer().await;
    assert_eq!((answer.status(), answer.lines("connection")), (400, vec!["close"]));
    assert_eq!(connection.closed().await, "");
    soon("the server to end", stopping).await.unwrap();
}

#[tokio::test]
async fn idle_connections_do_not_delay_the_end() {
    let app = TestApp::start().await;
    let server = Server::start(&app).await;
    let mut used = server.connect().await;
    used.send(post(&app, TOKEN, "", GRANT)).await;
    used.answer().await.token();
    let mut unused = server.connect().await;
    // Accepted in the order in which they came: once this one is served, so is the other.
    let mut last = server.connect().await;
    last.send(post(&app, TOKEN, "Connection: close\r\n", GRANT)).await;
    last.answer().await.token();
    soon("the server to end", server.stop()).await.unwrap();
    assert_eq!(used.closed().await, "");
    assert_eq!(unused.closed().await, "");
}
