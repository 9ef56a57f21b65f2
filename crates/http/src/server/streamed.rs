//! Answers that come bit by bit: whoever takes them uses the connection, though nothing is asked.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};

use super::{activity::Streaming, admission::PlaceOfRequest};

/// Such an answer. It keeps the place of its request until its end.
pub(super) struct Streamed {
    body: Body,
    streaming: Streaming,
    _place: Option<PlaceOfRequest>,
}

impl Streamed {
    pub(super) fn new(body: Body, streaming: Streaming, place: Option<PlaceOfRequest>) -> Self {
        Self { body, streaming, _place: place }
    }
}

impl HttpBody for Streamed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if frame.is_ready() {
            // There is room for more: what came before is on its way, or in a buffer of the system.
            // Whether it arrives, TCP watches (`accept`).
            self.streaming.note();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
