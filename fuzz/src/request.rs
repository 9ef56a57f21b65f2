//! Requests as targets are given them: as HTTP/1.1 writes them, with bare line ends, and with names
//! such as `{token}` for what only the service knows.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Request},
};

/// `input` with the values of the names that stand in it.
#[must_use]
pub fn fill_in(input: &[u8], names: &[(&str, &str)]) -> Vec<u8> {
    let mut filled = Vec::with_capacity(input.len() + 1024);
    let mut rest = input;
    while let Some(first) = rest.first() {
        match names.iter().find(|(name, _)| rest.starts_with(name.as_bytes())) {
            Some((name, value)) => {
                filled.extend_from_slice(value.as_bytes());
                rest = &rest[name.len()..];
            }
            None => {
                filled.push(*first);
                rest = &rest[1..];
            }
        }
    }
    filled
}

/// Whether a name stands in an input.
#[must_use]
pub fn has(input: &[u8], name: &str) -> bool {
    input.windows(name.len()).any(|window| window == name.as_bytes())
}

/// The request, without the headers that HTTP would not let through; `None` if its first line is
/// not one.
#[must_use]
pub fn read(text: &[u8]) -> Option<Request<Body>> {
    let head = text.windows(2).position(|window| window == b"\n\n").unwrap_or(text.len());
    let body = text.get(head + 2..).unwrap_or_default().to_vec();
    let mut lines = text[..head].split(|byte| *byte == b'\n');
    let mut words = lines.next()?.split(|byte| *byte == b' ');
    let mut request = Request::builder().method(words.next()?).uri(words.next()?);
    for line in lines {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let name = HeaderName::from_bytes(&line[..colon]);
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            request = request.header(name, value);
        }
    }
    request.body(body.into()).ok()
}
