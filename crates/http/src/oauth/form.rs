//! The body of an OAuth request: `application/x-www-form-urlencoded`, read strictly
//! (oauth-endpoints.md 1.3).

use std::{borrow::Cow, fmt};

use percent_encoding::percent_decode;

/// A body that cannot be read in exactly one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the form is malformed")]
pub struct MalformedForm;

/// The parameters of a body. It holds secrets and tokens, so it has no text in `Debug`.
pub struct Form<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Form<'a> {
    /// Reads `body`. Each of the `known` names may stand in it once; what else there is, is
    /// ignored.
    ///
    /// # Errors
    ///
    /// [`MalformedForm`] for a broken percent escape, for what is not UTF-8, and for a known name
    /// that stands twice.
    pub fn parse(body: &'a [u8], known: &[&str]) -> Result<Self, MalformedForm> {
        let mut pairs: Vec<(Cow<'_, str>, Cow<'_, str>)> = Vec::new();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            let (name, value) = (decode(name)?, decode(value)?);
            if known.contains(&&*name) {
                if pairs.iter().any(|(seen, _)| *seen == name) {
                    return Err(MalformedForm);
                }
                pairs.push((name, value));
            }
        }
        Ok(Self(pairs))
    }

    /// The value of a known parameter. One without a value is absent (RFC 6749 section 3.2).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(key, _)| key == name)?;
        Some(&**value).filter(|value| !value.is_empty())
    }
}

impl fmt::Debug for Form<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// Undoes form-urlencoding: `+` is a space, `%xx` a byte.
///
/// # Errors
///
/// [`MalformedForm`] for a broken escape, and for bytes that are not UTF-8.
pub fn decode(encoded: &[u8]) -> Result<Cow<'_, str>, MalformedForm> {
    if !encoded.iter().any(|byte| matches!(byte, b'+' | b'%')) {
        return std::str::from_utf8(encoded).map(Cow::Borrowed).map_err(|_| MalformedForm);
    }
    // The decoder lets a broken escape pass as it stands, so look for one first.
    let mut rest = encoded;
    while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
        let [first, second, ..] = rest[at + 1..] else { return Err(MalformedForm) };
        if !first.is_ascii_hexdigit() || !second.is_ascii_hexdigit() {
            return Err(MalformedForm);
        }
        rest = &rest[at + 3..];
    }
    let spaced: Vec<u8> =
        encoded.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let decoded = percent_decode(&spaced).collect();
    String::from_utf8(decoded).map(Cow::Owned).map_err(|_| MalformedForm)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Found = Result<Option<String>, MalformedForm>;

    fn get(body: &[u8], name: &str) -> Found {
        Ok(Form::parse(body, &["token", "token_type_hint"])?.get(name).map(str::to_owned))
    }

    /// oauth-endpoints.md 1.3, and clients.md 2 for the `=` within a value.
    #[test]
    fn every_row_of_the_body_table() {
        let found = |value: &str| Ok(Some(value.to_owned()));
        let rows: [(&str, &[u8], Found); 16] = [
            ("plain", b"token=abc", found("abc")),
            ("among others", b"x=1&token=abc&token_type_hint=access_token", found("abc")),
            ("escaped", b"%74oken=a%62c+d%2Bf", found("abc d+f")),
            ("first = splits", b"token=a=b==", found("a=b==")),
            ("without a value", b"token=", Ok(None)),
            ("without an =", b"token", Ok(None)),
            ("absent", b"other=1", Ok(None)),
            ("empty", b"", Ok(None)),
            ("empty pairs", b"&&token=abc&", found("abc")),
            ("names differ in case", b"TOKEN=abc", Ok(None)),
            ("unknown twice", b"x=1&x=2&token=abc", found("abc")),
            ("known twice", b"token=abc&token=abc", Err(MalformedForm)),
            (
                "another known one twice",
                b"token=a&token_type_hint=&token_type_hint=b",
                Err(MalformedForm),
            ),
            ("broken escape", b"token=%4", Err(MalformedForm)),
            ("broken escape of an unknown one", b"token=a&x=%zz", Err(MalformedForm)),
            ("not UTF-8", b"token=%FF", Err(MalformedForm)),
        ];
        for (row, body, expected) in rows {
            assert_eq!(get(body, "token"), expected, "row: {row}");
        }
        assert_eq!(get(b"token=\xff", "token"), Err(MalformedForm), "raw bytes that are not UTF-8");
        assert_eq!(get(b"token=a%00b", "token"), found("a\0b"), "a NUL is a character");
    }

    #[test]
    fn a_form_shows_no_value_in_debug() {
        let form = Form::parse(b"token=verysecret", &["token"]).unwrap();
        assert_eq!(format!("{form:?}"), r#"{"token"}"#);
    }

    proptest! {
        #[test]
        fn what_an_encoder_writes_is_read_back(value in ".+") {
            let body: String =
                form_urlencoded::Serializer::new(String::new()).append_pair("token", &value).finish();
            prop_assert_eq!(get(body.as_bytes(), "token"), Ok(Some(value)));
        }

        #[test]
        fn no_body_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _: Result<_, _> = Form::parse(&body, &["token"]);
        }
    }
}
