//! The token that a request presents.

use http::{HeaderMap, header::AUTHORIZATION};

use super::Denial;

const SCHEME: &str = "Bearer";

/// The one token in the header of a request (RFC 6750 section 2.1). Forms and queries are not looked
/// at: what stands in a query ends up in logs.
///
/// # Errors
///
/// [`Denial::NoToken`] where there is none, [`Denial::Malformed`] where it cannot be told which.
pub(super) fn presented(headers: &HeaderMap) -> Result<&str, Denial> {
    let mut credentials = headers.get_all(AUTHORIZATION).iter();
    let only = credentials.next().ok_or(Denial::NoToken)?;
    if credentials.next().is_some() {
        return Err(Denial::Malformed);
    }
    let only = only.to_str().map_err(|_| Denial::Malformed)?;
    let (scheme, token) = only.split_once(' ').unwrap_or((only, ""));
    if !scheme.eq_ignore_ascii_case(SCHEME) {
        return Err(Denial::NoToken);
    }
    let token = token.trim_matches(' ');
    // A comma stands between the lines of two headers that a proxy has made one of.
    if token.is_empty() || token.contains([' ', '\t', ',']) {
        return Err(Denial::Malformed);
    }
    Ok(token)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn of<'a>(lines: impl IntoIterator<Item = &'a str>) -> HeaderMap {
        let value = |line: &str| HeaderValue::from_bytes(line.as_bytes()).unwrap();
        lines.into_iter().map(|line| (AUTHORIZATION, value(line))).collect()
    }

    #[test]
    fn one_token_is_found_and_anything_else_is_told_apart() {
        #[rustfmt::skip]
        let rows: [(&[&str], Result<&str, Denial>); 13] = [
            (&[],                           Err(Denial::NoToken)),
            (&["Basic YTpi"],               Err(Denial::NoToken)),
            (&["Bearerabc"],                Err(Denial::NoToken)),
            (&[""],                         Err(Denial::NoToken)),
            (&["Bearer a.b-c_d~e+f/g=="],   Ok("a.b-c_d~e+f/g==")),
            (&["bEARER  abc "],             Ok("abc")),
            (&["Bearer"],                   Err(Denial::Malformed)),
            (&["Bearer  "],                 Err(Denial::Malformed)),
            (&["Bearer a b"],               Err(Denial::Malformed)),
            (&["Bearer a,Bearer b"],        Err(Denial::Malformed)),
            (&["Bearer ä"],                 Err(Denial::Malformed)),
            (&["Bearer a", "Bearer a"],     Err(Denial::Malformed)),
            (&["Basic YTpi", "Bearer a"],   Err(Denial::Malformed)),
        ];
        for (lines, expected) in rows {
            assert_eq!(presented(&of(lines.iter().copied())), expected, "row: {lines:?}");
        }
    }

    proptest! {
        #[test]
        fn any_header_is_answered_and_what_is_found_stands_in_it(
            bytes in proptest::collection::vec(any::<u8>(), 0..64),
            after_scheme in any::<bool>(),
        ) {
            let prefix: &[u8] = if after_scheme { b"Bearer " } else { b"" };
            if let Ok(value) = HeaderValue::from_bytes(&[prefix, &bytes].concat()) {
                let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
                if let Ok(token) = presented(&headers) {
                    let line = headers[AUTHORIZATION].to_str().unwrap();
                    prop_assert!(!token.is_empty() && line.trim_end_matches(' ').ends_with(token));
                }
            }
        }
    }
}
