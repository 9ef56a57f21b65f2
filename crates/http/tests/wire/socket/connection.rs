//! A connection to a server: bytes out, answers in.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, Interest},
    net::TcpStream,
    time::timeout,
};

use super::soon;

pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// An answer as it stood on the wire.
#[derive(Debug)]
pub(crate) struct RawAnswer {
    pub status_line: String,
    /// Names in lower case, in the order of the wire.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl RawAnswer {
    pub(crate) fn status(&self) -> u16 {
        self.status_line.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub(crate) fn outcome(&self) -> (u16, &str) {
        (self.status(), &self.body)
    }

    pub(crate) fn lines(&self, name: &str) -> Vec<&str> {
        let lines = self.headers.iter().filter(|(of, _)| of == name);
        lines.map(|(_, value)| value.as_str()).collect()
    }

    /// `access_token` of a token answer.
    pub(crate) fn token(&self) -> String {
        assert_eq!(self.status(), 200, "{}", self.body);
        let body: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        body["access_token"].as_str().unwrap().to_owned()
    }
}

impl Connection {
    pub(crate) async fn to(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap())
    }

    pub(crate) fn over(stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        Self { stream, received: Vec::new() }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_send(bytes).await.unwrap();
    }

    /// Sends to a server that may not want to hear it.
    pub(crate) async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        soon("the server to take bytes", self.stream.write_all(bytes.as_ref())).await
    }

    /// Sends no more; the server sees the end.
    pub(crate) async fn finish_sending(&mut self) {
        self.stream.shutdown().await.unwrap();
    }

    /// The next answer.
    pub(crate) async fn answer(&mut self) -> RawAnswer {
        let head = self.take_head().await;
        let mut lines = head.split("\r\n");
        let status_line = lines.next().unwrap().to_owned();
        let headers: Vec<_> = lines
            .map(|line| {
                let (name, value) = line.split_once(": ").unwrap();
                (name.to_ascii_lowercase(), value.to_owned())
            })
            .collect();
        let mut answer = RawAnswer { status_line, headers, body: String::new() };
        let length = match answer.lines("content-length")[..] {
            [length] => length.parse().unwrap(),
            [] if answer.status() < 200 || answer.status() == 204 => 0,
            _ => panic!("how long is this? {answer:?}"),
        };
        while self.received.len() < length {
            assert!(self.receive().await.unwrap() > 0, "the body ends early: {answer:?}");
        }
        answer.body = String::from_utf8(self.received.drain(..length).collect()).unwrap();
        answer
    }

    async fn take_head(&mut self) -> String {
        loop {
            if let Some(end) = self.received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                let head: Vec<u8> = self.received.drain(..end + 4).collect();
                return String::from_utf8(head[..end].to_vec()).unwrap();
            }
            assert!(self.receive().await.unwrap() > 0, "no answer but {:?}", self.received);
        }
    }

    async fn receive(&mut self) -> io::Result<usize> {
        soon("the server to say something", self.stream.read_buf(&mut self.received)).await
    }

    /// Waits until the server closes, and returns what it said before.
    pub(crate) async fn closed(&mut self) -> String {
        // A reset closes a connection too, when what was sent has not all been read.
        while self.receive().await.unwrap_or(0) > 0 {}
        String::from_utf8(std::mem::take(&mut self.received)).unwrap()
    }

    /// The same, however long it takes by the clock of the runtime.
    pub(crate) async fn closed_whenever(&mut self) -> String {
        while self.stream.read_buf(&mut self.received).await.unwrap_or(0) > 0 {}
        String::from_utf8_lossy(&self.received).into_owned()
    }

    /// Waits until the server has closed, without reading what it says; so long by the clock of the
    /// runtime.
    pub(crate) async fn reset(&mut self, patience: Duration) {
        let reset = self.stream.ready(Interest::ERROR);
        let reset = timeout(patience, reset).await.unwrap_or_else(|_| panic!("it stays open"));
        assert!(reset.unwrap().is_error());
    }

    /// Asserts that nothing more comes for a while, and that the connection is open.
    pub(crate) async fn assert_silent(&mut self) {
        let pause = Duration::from_millis(50);
        let came = timeout(pause, self.stream.read_buf(&mut self.received)).await;
        assert!(came.is_err(), "{came:?}: {:?}", String::from_utf8_lossy(&self.received));
    }
}
