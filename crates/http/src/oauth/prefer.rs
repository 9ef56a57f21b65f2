//! `Prefer`: what a client would like (RFC 7240).

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName};

const PREFER: HeaderName = HeaderName::from_static("prefer");

/// How long the client would wait for an answer (section 4.3). What is no number of seconds is no
/// preference.
pub(super) fn wait(headers: &HeaderMap) -> Option<Duration> {
    let lines = headers.get_all(PREFER).into_iter().filter_map(|line| line.to_str().ok());
    // The first counts, where there are several (section 2).
    let seconds = lines.flat_map(|line| parts(line, ',')).find_map(|preference| {
        // Parameters of a preference are about that one alone.
        let (name, value) = parts(preference, ';').next()?.split_once('=')?;
        name.trim().eq_ignore_ascii_case("wait").then(|| unquoted(value.trim()))
    })?;
    let is_number = !seconds.is_empty() && seconds.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| Duration::from_secs(seconds.parse().unwrap_or(u64::MAX)))
}

/// What stands between separators, those within quoted strings left alone.
fn parts(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |character| {
        if escaped {
            escaped = false;
            return false;
        }
        match character {
            '\\' => escaped = quoted,
            '"' => quoted = !quoted,
            _ => {}
        }
        !quoted && character == separator
    })
}

/// A quoted string without its quotes (RFC 9110 section 5.6.4), or a token as it is.
fn unquoted(word: &str) -> String {
    match word.strip_prefix('"').and_then(|word| word.strip_suffix('"')) {
        Some(quoted) => quoted.replace('\\', ""),
        None => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn of(lines: &[&str]) -> Option<u64> {
        let lines = lines.iter().map(|line| (PREFER, HeaderValue::from_str(line).unwrap()));
        wait(&lines.collect()).map(|time| time.as_secs())
    }

    #[test]
    fn the_first_wait_counts() {
        #[rustfmt::skip]
        let rows: [(&[&str], Option<u64>); 22] = [
            (&["wait=5"], Some(5)),
            (&["Wait = 5"], Some(5)),
            (&["wait=\"5\""], Some(5)),
            (&["wait=\"1\\0\""], Some(10)),
            (&["respond-async, wait=5"], Some(5)),
            (&["respond-async", "wait=5"], Some(5)),
            (&["wait=5; foo=6"], Some(5)),
            (&["wait=5, wait=6"], Some(5)),
            (&["wait=5", "wait=6"], Some(5)),
            (&["wait=0"], Some(0)),
            (&["wait=99999999999999999999"], Some(u64::MAX)),
            (&["foo; wait=5"], None),
            (&["foo=1; wait=5, wait=6"], Some(6)),
            (&["foo=\"a, wait=5\""], None),
            (&["foo=\"a\\\", wait=5\", wait=6"], Some(6)),
            (&["wait"], None),
            (&["wait="], None),
            (&["wait=x, wait=6"], None),
            (&["wait=+5"], None),
            (&["wait=-5"], None),
            (&["waiting=5"], None),
            (&[], None),
        ];
        for (lines, expected) in rows {
            assert_eq!(of(lines), expected, "row: {lines:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(line in "[ -~]{0,60}") {
            let _ = of(&[&line]);
        }
    }
}
