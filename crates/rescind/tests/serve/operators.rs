//! The listener for operators.

use std::time::{Duration, Instant};

use rescind_harness::{Client, Installation, Server, Signal};

use crate::{BINARY, stop::HalfSent};

#[tokio::test]
async fn it_answers_until_the_last_client_has_its_answer() {
    let root = tempfile::tempdir().unwrap();
    let installation = Installation::init(BINARY, root.path()).unwrap();
    let server =
        Server::builder(BINARY, root.path()).arg("--operator-listen=127.0.0.1:0").start().unwrap();
    let mut operators = Client::new(&url(&server));
    let mut client = Client::new(server.url());
    assert_eq!(operators.get("/readyz").await.unwrap().status, 200);
    assert!(operators.get("/metrics").await.unwrap().text().contains("rescind_build_info"));
    assert_eq!(operators.get("/healthz").await.unwrap().status, 200);
    assert_eq!(client.get("/metrics").await.unwrap().status, 404);

    let request = HalfSent::token_request(&server, &installation);
    server.signal(Signal::TERM).unwrap();
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let ready = operators.get("/readyz").await.unwrap();
        if ready.status == 503 {
            assert_eq!(ready.json()["stopping"], true);
            break;
        }
        assert!(Instant::now() < deadline, "it is told to stop, and still ready");
    }
    request.finish();
    assert_eq!(server.exit().unwrap().status.code(), Some(0));
}

/// The second line that it writes.
pub(crate) fn url(server: &Server) -> String {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let output = server.output();
        if let Some(url) = output.lines().find_map(|line| line.strip_prefix("operators: ")) {
            return url.to_owned();
        }
        assert!(Instant::now() < deadline, "{output}");
        std::thread::yield_now();
    }
}
