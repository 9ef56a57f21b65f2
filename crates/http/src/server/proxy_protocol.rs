//! The header of the PROXY protocol, versions 1 and 2, with which a proxy that does not look into
//! a connection says who opened it.

use std::{io, net::IpAddr};

use proxy_protocol_rs::{ParseError, parse};
use tokio::{io::AsyncReadExt as _, net::TcpStream};

/// More than any proxy has to say. Version 2 could take 64 KiB.
const LONGEST_HEADER: usize = 4096;

/// Takes the header off the front of `stream`, and not a byte more. `None`: the proxy speaks for
/// itself, as it does to see whether the server is there, or does not tell.
///
/// # Errors
///
/// The connection has ended, or begins with something else.
pub(super) async fn take_header(stream: &mut TcpStream) -> io::Result<Option<IpAddr>> {
    let mut header = Vec::new();
    let mut arrived = [0; 256];
    loop {
        let taken = header.len();
        let length = stream.peek(&mut arrived).await?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        header.extend_from_slice(&arrived[..length]);
        match parse(&header) {
            Ok((said, length)) => {
                stream.read_exact(&mut header[taken..length]).await?;
                return Ok(said.source_inet().map(|source| source.ip().to_canonical()));
            }
            // All of it belongs to the header.
            Err(ParseError::Incomplete) if header.len() < LONGEST_HEADER => {
                stream.read_exact(&mut header[taken..]).await?;
            }
            Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
        }
    }
}
