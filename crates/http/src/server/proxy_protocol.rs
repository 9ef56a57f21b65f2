//! The header of the PROXY protocol, versions 1 and 2, with which a proxy that does not look into
//! a connection says who opened it.

use std::{io, net::IpAddr};

use proxy_protocol_rs::{ParseError, parse};
use tokio::{io::AsyncReadExt as _, net::TcpStream};

/// More than any proxy has to say. Version 2 could take 64 KiB.
const LONGEST_HEADER: usize = 4096;

/// What a connection begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Front {
    /// A header of so many bytes. `source` is whom it names; `None`: the proxy speaks for itself, as
    /// it does to see whether the server is there, or does not tell.
    Header {
        /// Who opened the connection.
        source: Option<IpAddr>,
        /// In bytes.
        length: usize,
    },
    /// Nothing but the beginning of a header.
    Incomplete,
}

/// Reads the first bytes of a connection.
///
/// # Errors
///
/// They are not those of a header.
pub fn read(arrived: &[u8]) -> io::Result<Front> {
    match parse(arrived) {
        Ok((said, length)) => {
            let source = said.source_inet().map(|source| source.ip().to_canonical());
            Ok(Front::Header { source, length })
        }
        Err(ParseError::Incomplete) if arrived.len() < LONGEST_HEADER => Ok(Front::Incomplete),
        Err(error) => Err(io::Error::new(io::ErrorKind::InvalidData, error)),
    }
}

/// Takes the header off the front of `stream`, and not a byte more; whom it names.
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
        match read(&header)? {
            Front::Header { source, length } => {
                stream.read_exact(&mut header[taken..length]).await?;
                return Ok(source);
            }
            // All of it belongs to the header.
            Front::Incomplete => {
                stream.read_exact(&mut header[taken..]).await?;
            }
        }
    }
}
