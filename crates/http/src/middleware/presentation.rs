//! `pretty` and `envelope`: how a JSON answer is shown to whoever asks (conventions.md 3).
//!
//! Few ask, so endpoints know nothing of it and the answer is written anew for those who do.

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::header::CONTENT_LENGTH,
    middleware::Next,
    response::Response,
};
use serde_json::{Map, Value};

use crate::{middleware::pretty, query};

/// Answers as the query asks. An answer without a body stays without one: there is nothing to wrap.
pub(crate) async fn present(request: Request, next: Next) -> Response {
    let pretty = query::flag(request.uri(), "pretty");
    let envelope = query::flag(request.uri(), "envelope");
    let response = next.run(request).await;
    if !pretty && !envelope {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // Our own answers are in memory already: reading one cannot fail.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let Ok(mut json) = serde_json::from_slice::<Value>(&body) else {
        return Response::from_parts(parts, Body::from(body));
    };
    if envelope {
        json = wrap(parts.status.as_u16(), json);
    }
    parts.headers.remove(CONTENT_LENGTH);
    let text = if pretty { pretty::to_string(&json) } else { json.to_string() };
    Response::from_parts(parts, Body::from(text))
}

/// A list gains `status` beside its own members; everything else becomes the `content`.
fn wrap(status: u16, json: Value) -> Value {
    let mut envelope = Map::new();
    envelope.insert("status".to_owned(), status.into());
    if json.get("results").is_some()
        && let Value::Object(list) = json
    {
        envelope.extend(list);
    } else {
        envelope.insert("content".to_owned(), json);
    }
    envelope.into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// conventions.md 3, rows "single entity", "list" and "error".
    #[test]
    fn an_envelope_wraps_an_entity_and_joins_a_list() {
        let rows = [
            (200, json!({"id": 1}), r#"{"status":200,"content":{"id":1}}"#),
            (
                200,
                json!({"links": [], "results": [], "totalCount": 0}),
                r#"{"status":200,"links":[],"results":[],"totalCount":0}"#,
            ),
            (401, json!({"error": "x"}), r#"{"status":401,"content":{"error":"x"}}"#),
        ];
        for (status, body, expected) in rows {
            assert_eq!(wrap(status, body).to_string(), expected);
        }
    }
}
