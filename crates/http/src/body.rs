//! The body of a request, read within bounds of size and time.

use std::time::Duration;

use axum::{
    body::{Body, Bytes},
    http::{
        HeaderMap,
        header::{CONTENT_LENGTH, EXPECT},
    },
};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tokio::time::timeout;

/// How much of a body that is too large is taken, so that its sender hears the answer.
const MAX_DISCARDED: usize = 2 * 1024 * 1024;

/// How long a client may take to send a body: they are small, and a request keeps its place until
/// then.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// The same for the rest of one that is refused already.
const DISCARD_TIMEOUT: Duration = Duration::from_secs(2);

/// Why there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// It is larger than any that means something.
    TooLarge,
    /// The client hung up, sent broken chunks, or stopped sending.
    Broken,
}

/// Reads a body of up to `max` bytes.
///
/// Read it also when the request is refused for something else: a connection with an unread body
/// cannot be used again, and is reset under whoever is still sending.
pub(crate) async fn read(
    headers: &HeaderMap,
    mut body: Body,
    max: usize,
) -> Result<Bytes, BodyError> {
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if let Some(length) = length.filter(|length: &usize| *length > max) {
        // Whoever asks before sending is told before sending.
        if length <= MAX_DISCARDED && !headers.contains_key(EXPECT) {
            discard(body).await;
        }
        return Err(BodyError::TooLarge);
    }
    match timeout(BODY_TIMEOUT, Limited::new(&mut body, max).collect()).await {
        Ok(Ok(read)) => Ok(read.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            discard(body).await;
            Err(BodyError::TooLarge)
        }
        Ok(Err(_)) | Err(_) => Err(BodyError::Broken),
    }
}

/// Takes what is left of a body that nobody wants, within bounds, and keeps none of it: most
/// clients send all of a request before they look for an answer.
pub(crate) async fn discard(body: Body) {
    let mut left = Limited::new(body, MAX_DISCARDED);
    let discard = async { while let Some(Ok(_)) = left.frame().await {} };
    let _too_slow: Result<(), _> = timeout(DISCARD_TIMEOUT, discard).await;
}
