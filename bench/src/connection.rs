//! One keep-alive HTTP/1.1 connection that does as little as it can: the load generator has one
//! core, and must not be what is measured.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd};

use crate::PATIENCE;

/// The longest answer is a page of 100 accounts, about 40 KiB.
const LONGEST_ANSWER: usize = 128 * 1024;
const MOST_HEADERS: usize = 32;
/// The status of an answer that never has a body, and does not say so (RFC 9110 section 8.6).
const NO_CONTENT: u16 = 204;

/// An open connection; one request at a time.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Box<[u8]>,
    filled: usize,
}

/// The parts of an answer that are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

impl Connection {
    pub(crate) fn open(server: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(server)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, buffer: vec![0; LONGEST_ANSWER].into(), filled: 0 })
    }

    /// Sends the bytes of a request.
    pub(crate) fn send(&mut self, request: &[u8]) -> io::Result<()> {
        self.filled = 0;
        self.stream.write_all(request)
    }

    /// Reads what has come of the answer, or waits where nothing has; `None` when there is more to
    /// come.
    pub(crate) fn receive(&mut self) -> io::Result<Option<Answer<'_>>> {
        let read = self.stream.read(&mut self.buffer[self.filled..])?;
        if read == 0 {
            return Err(malformed("the connection ended, or the answer is over 128 KiB"));
        }
        self.filled += read;
        let parsed = parse(&self.buffer[..self.filled])?;
        Ok(parsed.map(|(status, body)| Answer { status, body: &self.buffer[body] }))
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

/// The status, and where the body lies; `None` when there is more to come.
fn parse(bytes: &[u8]) -> io::Result<Option<(u16, Range<usize>)>> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let head = match response.parse(bytes).map_err(malformed)? {
        httparse::Status::Complete(length) => length,
        httparse::Status::Partial => return Ok(None),
    };
    let status = response.code.ok_or_else(|| malformed("an answer without a status"))?;
    let length = response
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-length"))
        .and_then(|header| std::str::from_utf8(header.value).ok()?.parse::<usize>().ok())
        .or((status == NO_CONTENT).then_some(0))
        .ok_or_else(|| malformed("an answer without a Content-Length"))?;
    match bytes.len().checked_sub(head) {
        Some(read) if read == length => Ok(Some((status, head..bytes.len()))),
        Some(read) if read > length => Err(malformed("more bytes than the answer has")),
        _ => Ok(None),
    }
}

fn malformed(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nvary: x\r\nContent-Length: 4\r\n\r\n";

    #[test]
    fn an_answer_is_complete_with_the_last_byte_of_its_body_and_not_before() {
        let answer = [HEAD, b"body"].concat();
        for length in 0..answer.len() {
            assert_eq!(parse(&answer[..length]).unwrap(), None, "{length} bytes");
        }
        assert_eq!(parse(&answer).unwrap(), Some((200, HEAD.len()..answer.len())));
    }

    #[test]
    fn an_answer_of_204_ends_with_its_head() {
        let answer = b"HTTP/1.1 204 No Content\r\nvary: x\r\n\r\n";
        assert_eq!(parse(answer).unwrap(), Some((204, answer.len()..answer.len())));
        assert!(parse(&[&answer[..], b"+"].concat()).is_err());
    }

    #[test]
    fn what_cannot_be_told_apart_from_the_next_answer_is_an_error() {
        assert!(parse(&[HEAD, b"body+"].concat()).is_err());
        assert!(parse(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
        assert!(parse(b"SMTP\r\n\r\n").is_err());
    }
}
