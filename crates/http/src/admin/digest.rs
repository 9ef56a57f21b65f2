//! The credentials of `Authorization: Digest`: who an API key says it is, and the proof
//! (RFC 7616 section 3.4).

use std::borrow::Cow;

use rescind_core::digest::{Algorithm, NonceCount, Presented, Qop};

/// The parameters that mean something here. What else a client sends (`opaque`, `userhash`) is
/// passed over.
const NAMES: [&str; 9] =
    ["username", "realm", "nonce", "uri", "response", "algorithm", "qop", "cnonce", "nc"];

/// Spaces that may stand around a comma or an equals sign (RFC 9110 section 5.6.3).
const SPACES: [char; 2] = [' ', '\t'];

/// Reads what follows the name of the scheme; `None` for what cannot be read in one way, lacks
/// what a response is made of, or is made in a way that was not offered.
///
/// Each value may be a token or a quoted string, since clients differ in which they quote. Without
/// `qop` it is a response as of RFC 2069, without `algorithm` one with MD5 (RFC 7616 section 3.4).
#[must_use]
pub fn parse(credentials: &[u8]) -> Option<Presented<'_>> {
    let mut values = [const { None }; NAMES.len()];
    let mut rest = std::str::from_utf8(credentials).ok()?;
    loop {
        // A list may have empty elements (RFC 9110 section 5.6.1.2).
        rest = rest.trim_start_matches([',', SPACES[0], SPACES[1]]);
        if rest.is_empty() {
            break;
        }
        let (name, value, after) = parameter(rest)?;
        if let Some(place) = NAMES.iter().position(|known| name.eq_ignore_ascii_case(known))
            && values[place].replace(value).is_some()
        {
            return None;
        }
        rest = after.trim_start_matches(SPACES);
        if !rest.is_empty() && !rest.starts_with(',') {
            return None;
        }
    }
    let [username, realm, nonce, uri, response, algorithm, qop, cnonce, nc] = values;
    let qop = match qop.as_deref() {
        None => None,
        Some("auth") => Some(Qop { cnonce: cnonce?, count: NonceCount::parse(&nc?)? }),
        Some(_) => return None,
    };
    let algorithm = algorithm.map_or(Some(Algorithm::Md5), |name| Algorithm::parse(&name))?;
    Some(Presented {
        username: username?,
        realm: realm?,
        nonce: nonce?,
        uri: uri?,
        response: response?,
        algorithm,
        qop,
    })
}

/// `name = value` (RFC 9110 section 11.2), and what comes after it.
fn parameter(text: &str) -> Option<(&str, Cow<'_, str>, &str)> {
    let (name, rest) = token(text)?;
    let rest = rest.trim_start_matches(SPACES).strip_prefix('=')?.trim_start_matches(SPACES);
    let (value, rest) = match rest.strip_prefix('"') {
        Some(rest) => quoted(rest)?,
        None => token(rest).map(|(value, rest)| (Cow::Borrowed(value), rest))?,
    };
    Some((name, value, rest))
}

/// A token (RFC 9110 section 5.6.2), which has at least one character.
fn token(text: &str) -> Option<(&str, &str)> {
    let is_in_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let end = text.bytes().position(|byte| !is_in_token(byte)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// The rest of a quoted string (RFC 9110 section 5.6.4), its escapes undone.
fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut value = Cow::Borrowed("");
    let mut plain = 0; // where what was not taken yet begins
    let mut bytes = text.bytes().enumerate();
    loop {
        match bytes.next()? {
            (end, b'"') => {
                value += &text[plain..end];
                return Some((value, &text[end + 1..]));
            }
            (at, b'\\') => {
                value += &text[plain..at];
                // The escaped character stands for itself, whatever it is.
                plain = at + 1;
                let (_, escaped) = bytes.next()?;
                if is_forbidden(escaped) {
                    return None;
                }
            }
            (_, byte) if is_forbidden(byte) => return None,
            _ => {}
        }
    }
}

/// Control characters, which stand in no quoted string, escaped or not.
fn is_forbidden(byte: u8) -> bool {
    byte.is_ascii_control() && byte != b'\t'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All that was read, in the order of [`NAMES`].
    fn read(credentials: &str) -> Option<[Option<String>; 9]> {
        let presented = parse(credentials.as_bytes())?;
        let text = |value: &Cow<'_, str>| Some(value.clone().into_owned());
        Some([
            text(&presented.username),
            text(&presented.realm),
            text(&presented.nonce),
            text(&presented.uri),
            text(&presented.response),
            Some(presented.algorithm.as_str().to_owned()),
            presented.qop.as_ref().map(|_| "auth".to_owned()),
            presented.qop.as_ref().map(|qop| qop.cnonce.clone().into_owned()),
            presented.qop.as_ref().map(|qop| format!("{:08x}", qop.count.number())),
        ])
    }

    const RIGHT: [(&str, &str); 9] = [
        ("username", r#""abcdefgh""#),
        ("realm", r#""MMS Public API""#),
        ("nonce", r#""AAAA""#),
        ("uri", r#""/api/public/v1.0/orgs?pretty=true""#),
        ("response", r#""8ca523f5e9506fed4657c9700eebdbec""#),
        ("algorithm", "MD5"),
        ("qop", "auth"),
        ("cnonce", r#""f2""#),
        ("nc", "00000001"),
    ];

    fn expected() -> [Option<String>; 9] {
        RIGHT.map(|(_, value)| Some(value.trim_matches('"').to_owned()))
    }

    fn written<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
        let pairs = parameters.into_iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join(", ")
    }

    /// The right credentials, with another value of `name`; without any if there is none.
    fn with(name: &str, value: Option<&str>) -> String {
        written(RIGHT.iter().filter_map(|(known, right)| {
            let value = if *known == name { value? } else { right };
            Some((*known, value))
        }))
    }

    /// RFC 9110 sections 5.6.1 to 5.6.4 and 11.2.
    #[test]
    fn one_list_can_be_written_in_many_ways() {
        let right = written(RIGHT);
        let all_quoted =
            RIGHT.map(|(name, value)| (name, format!("\"{}\"", value.trim_matches('"'))));
        let all_quoted = written(all_quoted.iter().map(|(name, value)| (*name, &**value)));
        let mut turned = RIGHT;
        turned.reverse();
        let rows = [
            ("as curl writes it", right.clone()),
            ("all quoted", all_quoted),
            ("no spaces", right.replace(", ", ",")),
            ("spaces all over", right.replace('=', " =\t ").replace("pretty =\t ", "pretty=")),
            ("empty elements", format!(", ,{},, ", right.replace(", ", " ,\t,"))),
            ("names in capitals", written(RIGHT).replace("nonce", "NONCE").replace("uri", "Uri")),
            ("another order", written(turned)),
            ("escaped", right.replace("MMS Public", r"\MM\S\ Public")),
            ("what means nothing here", format!("{right}, opaque=\"\", userhash=false, opaque=x")),
            ("more spaces before it", format!("   {right}")),
        ];
        for (row, credentials) in rows {
            assert_eq!(read(&credentials), Some(expected()), "row: {row}: {credentials}");
        }
    }

    /// RFC 7616 section 3.4: what may be left out, and what it is then.
    #[test]
    fn what_a_client_of_rfc_2069_leaves_out_has_a_meaning() {
        let bare = written(RIGHT[..5].iter().copied());
        let [algorithm, qop, cnonce, nc] = [Some("MD5".to_owned()), None, None, None];
        let [username, realm, nonce, uri, response, ..] = expected();
        let of_bare = [username, realm, nonce, uri, response, algorithm, qop, cnonce, nc];
        assert_eq!(read(&bare), Some(of_bare.clone()));
        assert_eq!(read(&format!("{bare}, cnonce=\"x\"")), Some(of_bare), "no qop, so no cnonce");
        for name in ["sha-256", "SHA-256"] {
            let read = read(&with("algorithm", Some(name))).unwrap();
            assert_eq!(read[5].as_deref(), Some("SHA-256"));
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_or_in_none_is_refused() {
        let right = written(RIGHT);
        let mut rows = vec![
            ("nothing", String::new()),
            ("no parameter", "abcdefgh".to_owned()),
            ("no comma", right.replacen(", ", " ", 1)),
            ("a semicolon", right.replacen(", ", "; ", 1)),
            ("no value", format!("{right}, opaque=")),
            ("no equals sign", format!("{right}, opaque")),
            ("no name", format!("{right}, =x")),
            ("no end of a quotation", format!("{right}, opaque=\"x")),
            ("an escaped end of a quotation", format!("{right}, opaque=\"x\\\"")),
            ("something after a quotation", format!("{right}, opaque=\"x\"y")),
            ("a control character", format!("{right}, opaque=\"\x01\"")),
            ("an escaped control character", format!("{right}, opaque=\"\\\x01\"")),
            ("a space in a token", with("username", Some("abcd efgh"))),
            ("another qop", with("qop", Some("auth-int"))),
            ("two qops", with("qop", Some("\"auth,auth-int\""))),
            ("an empty qop", with("qop", Some("\"\""))),
            ("a session", with("algorithm", Some("MD5-sess"))),
            ("another algorithm", with("algorithm", Some("SHA-512-256"))),
            ("a count of seven digits", with("nc", Some("0000001"))),
            ("a count that is none", with("nc", Some("0000000g"))),
        ];
        let twice = RIGHT.map(|parameter| written(RIGHT.into_iter().chain([parameter])));
        rows.extend(twice.map(|credentials| ("twice", credentials)));
        rows.push(("twice, in another case", format!("{right}, URI=\"/\"")));
        for name in ["username", "realm", "nonce", "uri", "response", "cnonce", "nc"] {
            rows.push(("missing", with(name, None)));
        }
        for (row, credentials) in rows {
            assert_eq!(read(&credentials), None, "row: {row}: {credentials}");
        }
        assert!(parse(b"username=\"\xff\"").is_none(), "not UTF-8");
    }

    fn quote(value: &str, escape: impl Fn(usize) -> bool) -> String {
        let characters = value.chars().enumerate().flat_map(|(at, character)| {
            let escaped = matches!(character, '"' | '\\') || escape(at);
            escaped.then_some('\\').into_iter().chain([character])
        });
        format!("\"{}\"", characters.collect::<String>())
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(credentials in prop::collection::vec(any::<u8>(), 0..300)) {
            let _: Option<_> = parse(&credentials);
        }

        #[test]
        fn nothing_that_is_nearly_right_makes_it_panic(
            credentials in r#"((username|realm|nonce|uri|response|qop|nc|x) ?= ?("([ -~]|\\.)*"?|[ -~]*)[, ]*){0,9}"#,
        ) {
            let _: Option<_> = parse(credentials.as_bytes());
        }

        #[test]
        fn what_a_client_writes_is_read_back(
            username in "\\PC{0,20}", nonce in "[ -~]{0,40}", uri in "/[!-~]{0,40}",
            cnonce in "\\PC{0,40}", nc in "[0-9a-f]{8}", every in 1_usize..5,
        ) {
            let escape = |at| at % every == 0;
            let values = [
                ("username", quote(&username, escape)), ("nonce", quote(&nonce, escape)),
                ("uri", quote(&uri, escape)), ("cnonce", quote(&cnonce, escape)), ("nc", nc.clone()),
            ];
            let parameters = RIGHT.map(|(name, right)| {
                let value = values.iter().find(|(known, _)| *known == name);
                (name, value.map_or(right, |(_, value)| &**value))
            });
            let read = read(&written(parameters)).unwrap();
            let [read_username, _, read_nonce, read_uri, .., read_cnonce, read_nc] = read;
            let written = [username, nonce, uri, cnonce, nc].map(Some);
            prop_assert_eq!([read_username, read_nonce, read_uri, read_cnonce, read_nc], written);
        }
    }
}
