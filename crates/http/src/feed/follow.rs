//! `GET /api/oauth/feed`: hear at once of what is dead and of what changed.

use std::convert::Infallible;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{
        HeaderName, HeaderValue,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use rescind_authority::{Authority, FollowError, Follower, Heard, Seq};

use super::event;
use crate::{
    ClientAddress,
    admin::{authenticated, error::ApiError},
    openapi::schema,
    overload,
};

/// Of the HTML Living Standard: where a client that comes back left off.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Answers 200 with a stream of events for as long as the token lives. With `Last-Event-ID` it goes
/// on from there without a gap.
#[utoipa::path(
    get,
    path = "",
    summary = "Follow the feed",
    description = "Server-sent events: what is dead and what changed, at once.",
    tag = "Feed",
    params(("Last-Event-ID" = Option<String>, Header, description = "Go on after this event")),
    responses((
        status = 200,
        description = "Events, for as long as the token lives; each is such an object",
        body = schema::FeedEvent,
        content_type = "text/event-stream"
    ))
)]
pub(crate) async fn get(
    State(authority): State<Authority>,
    request: Request,
) -> Result<Response, ApiError> {
    if overload::is_excess(request.extensions()) {
        return Err(ApiError::Overloaded);
    }
    let (parts, _) = request.into_parts();
    let token = authenticated::bearer(&parts.headers)?;
    let address = ClientAddress::of(&parts.extensions);
    let after = parts.headers.get(LAST_EVENT_ID).map(|value| {
        // What is no number of ours is one that has not happened: the client starts anew.
        Seq(value.to_str().ok().and_then(|text| text.parse().ok()).unwrap_or(u64::MAX))
    });
    let follower = authority.follow(token, address, after).await.map_err(|error| match error {
        FollowError::Authorize(error) => authenticated::refusal(error, address),
        FollowError::Store(error) => ApiError::Server(std::sync::Arc::new(error)),
    })?;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // nginx would hold events back until it has a buffer full.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((headers, Body::from_stream(events(follower))).into_response())
}

fn events(follower: Follower) -> impl stream::Stream<Item = Result<Bytes, Infallible>> + Send {
    let hello = event::hello(follower.id(), follower.from());
    let later = stream::unfold(follower, async |mut follower| {
        let text = match follower.next().await? {
            Heard::Frame(frame) => event::frame(&frame, follower.org_id()),
            Heard::Missed(upto) => event::missed(upto),
        };
        Some((Ok(text), follower))
    });
    stream::once(async { Ok(hello) }).chain(later)
}
