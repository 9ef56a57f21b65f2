//! A body that nobody has read is taken off the connection before the answer goes out: a request
//! is refused for its credentials or its path before its body is looked at, and a connection with
//! an unread body is reset under whoever is still sending.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::header::EXPECT,
    middleware::Next,
    response::Response,
};
use tokio::sync::oneshot;

use crate::body;

/// Hands the request on, and takes what is left of its body. Whoever asks before sending a body
/// (`Expect: 100-continue`) sees the answer first.
pub(crate) async fn discard(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() || request.headers().contains_key(EXPECT) {
        return next.run(request).await;
    }
    let (owner, mut left) = oneshot::channel();
    let response = next.run(request.map(|body| Body::new(Lent { body, owner: Some(owner) }))).await;
    if let Ok(unread) = left.try_recv() {
        body::discard(unread).await;
    }
    response
}

/// A body that goes back to its owner when it is dropped before its end.
struct Lent {
    body: Body,
    owner: Option<oneshot::Sender<Body>>,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if matches!(frame, Poll::Ready(None | Some(Err(_)))) {
            self.owner = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let body = std::mem::take(&mut self.body);
        if let Some(owner) = self.owner.take().filter(|_| !body.is_end_stream()) {
            // Nobody to take it: the whole request was dropped.
            let _gone: Result<(), Body> = owner.send(body);
        }
    }
}
