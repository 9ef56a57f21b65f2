//! The media type of the Atlas family: an answer has the version that was asked for
//! (clients.md 8, row 12).

use axum::{
    extract::Request,
    http::{
        HeaderMap, HeaderValue,
        header::{ACCEPT, CONTENT_TYPE},
    },
    middleware::Next,
    response::Response,
};

/// Answers a success as `application/vnd.atlas.<date>+json` to whoever asked for that; errors and
/// answers to everybody else stay `application/json`.
pub(crate) async fn answer_as_asked(request: Request, next: Next) -> Response {
    let asked = asked(request.headers());
    let mut response = next.run(request).await;
    if let Some(asked) = asked
        && response.status().is_success()
        && response.headers().contains_key(CONTENT_TYPE)
    {
        response.headers_mut().insert(CONTENT_TYPE, asked);
    }
    response
}

fn asked(headers: &HeaderMap) -> Option<HeaderValue> {
    let accepted = headers.get(ACCEPT)?.to_str().ok()?;
    let versioned = accepted.split([',', ';']).map(str::trim).find(|range| is_versioned(range))?;
    HeaderValue::from_str(&format!("{versioned};charset=utf-8")).ok()
}

/// Whether this is `application/vnd.atlas.<yyyy-mm-dd>+json`, of any date.
pub(crate) fn is_versioned(media_type: &str) -> bool {
    let date = media_type
        .strip_prefix("application/vnd.atlas.")
        .and_then(|rest| rest.strip_suffix("+json"))
        .unwrap_or_default()
        .as_bytes();
    let digits = |range: &[u8]| range.iter().all(u8::is_ascii_digit);
    matches!(date, [year @ .., b'-', m1, m2, b'-', d1, d2]
        if year.len() == 4 && digits(year) && digits(&[*m1, *m2, *d1, *d2]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_date_is_a_version_and_nothing_else() {
        let rows = [
            ("application/vnd.atlas.2025-03-12+json", true),
            ("application/vnd.atlas.2023-01-01+json", true),
            ("application/vnd.atlas.2025-03-12+csv", false),
            ("application/vnd.atlas.preview+json", false),
            ("application/vnd.atlas.25-03-12+json", false),
            ("application/json", false),
            ("*/*", false),
            ("", false),
        ];
        for (media_type, expected) in rows {
            assert_eq!(is_versioned(media_type), expected, "{media_type}");
        }
    }
}
