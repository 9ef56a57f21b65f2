//! SIGTERM and SIGINT.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rescind_harness::{Client, Installation, Server, Signal};

use crate::BINARY;

const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn what_is_in_flight_is_finished() {
    for signal in [Signal::TERM, Signal::INT] {
        let root = tempfile::tempdir().unwrap();
        let installation = Installation::init(BINARY, root.path()).unwrap();
        let server = Server::start(BINARY, root.path()).unwrap();
        let request = HalfSent::token_request(&server, &installation);

        server.signal(signal).unwrap();
        wait_until_refused(&server);
        let answer = request.finish();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{signal:?}: {answer}");
        assert!(answer.contains(r#"{"access_token":""#), "{signal:?}: {answer}");

        let exit = server.exit().unwrap();
        assert_eq!(exit.status.code(), Some(0), "{signal:?}: {}", exit.stderr);
    }
}

#[test]
fn a_second_signal_cuts_it_off() {
    for (first, second, code) in
        [(Signal::TERM, Signal::TERM, 143), (Signal::TERM, Signal::INT, 130)]
    {
        let root = tempfile::tempdir().unwrap();
        let installation = Installation::init(BINARY, root.path()).unwrap();
        let server = Server::start(BINARY, root.path()).unwrap();
        let request = HalfSent::token_request(&server, &installation);

        server.signal(first).unwrap();
        wait_until_refused(&server);
        server.signal(second).unwrap();
        let exit = server.exit().unwrap();
        assert_eq!(exit.status.code(), Some(code), "{}", exit.stderr);
        drop(request);
    }
}

#[test]
fn a_client_that_never_sends_the_rest_does_not_keep_it_alive() {
    let root = tempfile::tempdir().unwrap();
    let installation = Installation::init(BINARY, root.path()).unwrap();
    let server = Server::start(BINARY, root.path()).unwrap();
    let request = HalfSent::token_request(&server, &installation);
    let exit = server.terminate().unwrap();
    assert_eq!(exit.status.code(), Some(0), "{}", exit.stderr);
    assert!(exit.stderr.contains("after 8s is cut off"), "{}", exit.stderr);
    drop(request);
}

/// Connections without a request, new or kept alive, are not in flight.
#[tokio::test]
async fn idle_connections_hold_nothing_up() {
    let root = tempfile::tempdir().unwrap();
    Installation::init(BINARY, root.path()).unwrap();
    let server = Server::start(BINARY, root.path()).unwrap();
    let silent = connect(&server).unwrap();
    let mut kept_alive = Client::new(server.url());
    assert_eq!(kept_alive.get("/healthz").await.unwrap().status, 200);

    let exit = server.terminate().unwrap();
    assert_eq!(exit.status.code(), Some(0), "{}", exit.stderr);
    assert!(!exit.stderr.contains("cut off"), "{}", exit.stderr);
    drop(silent);
}

/// A request whose headers the server has read, and whose body it waits for.
pub(crate) struct HalfSent {
    stream: BufReader<TcpStream>,
    body: String,
}

impl HalfSent {
    pub(crate) fn token_request(server: &Server, installation: &Installation) -> Self {
        let Installation { client_id, client_secret, .. } = installation;
        let body = format!(
            "grant_type=client_credentials&client_id={client_id}&client_secret={client_secret}"
        );
        let mut stream = connect(server).unwrap();
        write!(
            stream,
            "POST /api/oauth/token HTTP/1.1\r\nHost: rescind.test\r\nContent-Length: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue\r\n\r\n",
            body.len()
        )
        .unwrap();
        let mut stream = BufReader::new(stream);
        let mut asked_for_body = String::new();
        stream.read_line(&mut asked_for_body).unwrap();
        assert_eq!(asked_for_body, "HTTP/1.1 100 Continue\r\n");
        stream.read_line(&mut asked_for_body).unwrap();
        Self { stream, body }
    }

    /// Sends the rest, and reads until the server closes the connection.
    pub(crate) fn finish(mut self) -> String {
        self.stream.get_mut().write_all(self.body.as_bytes()).unwrap();
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

fn connect(server: &Server) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(server.url().trim_start_matches("http://"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

fn wait_until_refused(server: &Server) {
    let deadline = Instant::now() + PATIENCE;
    while connect(server).is_ok() {
        assert!(Instant::now() < deadline, "it still takes connections: {}", server.output());
        std::thread::sleep(Duration::from_millis(1));
    }
}
