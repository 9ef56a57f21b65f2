//! Frames of HTTP/2, byte by byte (RFC 9113 section 4.1), for clients that no library will play.

/// What a connection begins with.
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Frame: a part of a body.
pub const DATA: u8 = 0;
/// Frame: the head of a request.
pub const HEADERS: u8 = 1;
/// Frame: a stream is given up.
pub const RST_STREAM: u8 = 3;
/// Frame: what the client wants, or has understood.
pub const SETTINGS: u8 = 4;
/// Frame: a sign of life.
pub const PING: u8 = 6;
/// Frame: more of a head.
pub const CONTINUATION: u8 = 9;

/// Flag: the last frame of a stream.
pub const END_STREAM: u8 = 1;
/// Flag: the last frame of a head.
pub const END_HEADERS: u8 = 4;

/// Setting: how many bytes of each answer the client takes before it says more.
pub const INITIAL_WINDOW_SIZE: u16 = 4;

/// A frame.
///
/// # Panics
///
/// A frame has no room for 16 MiB.
#[must_use]
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    assert!(payload.len() < 1 << 24, "a frame has no room for that");
    let length = payload.len().to_be_bytes();
    [&length[length.len() - 3..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// The beginning of a connection, with these settings.
#[must_use]
pub fn hello(settings: &[(u16, u32)]) -> Vec<u8> {
    let settings = settings
        .iter()
        .flat_map(|(name, value)| [&name.to_be_bytes()[..], &value.to_be_bytes()].concat());
    [PREFACE, &frame(SETTINGS, 0, 0, &settings.collect::<Vec<_>>())].concat()
}

/// The head of a request, in one frame.
#[must_use]
pub fn head(method: &str, path: &str, flags: u8, stream: u32) -> Vec<u8> {
    let lines =
        [(":method", method), (":scheme", "http"), (":path", path), (":authority", "localhost")];
    let block: Vec<_> = lines.iter().flat_map(|(name, value)| line(name, value)).collect();
    frame(HEADERS, END_HEADERS | flags, stream, &block)
}

/// A line of a head, not compressed (RFC 7541 section 6.2.2).
///
/// # Panics
///
/// Texts of 127 bytes and more have another form.
#[must_use]
pub fn line(name: &str, value: &str) -> Vec<u8> {
    let mut line = vec![0];
    for text in [name, value] {
        assert!(text.len() < 127, "a longer text has another form");
        line.extend(text.len().to_be_bytes().last());
        line.extend_from_slice(text.as_bytes());
    }
    line
}
