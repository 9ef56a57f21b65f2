//! Client credentials in a header: `Authorization: Basic` (oauth-endpoints.md 1.2, RFC 7617).

use std::fmt;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use crate::oauth::form::decode;

/// Clients are known to leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A client id and a secret, as presented: nothing is known of them yet.
pub struct Credentials {
    /// The client id; not empty.
    pub id: String,
    /// The secret; not empty.
    pub secret: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(..)")
    }
}

/// Why a header presents no credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BasicError {
    /// It is of another scheme.
    #[error("the scheme is not Basic")]
    OtherScheme,
    /// It is not base64 of two halves.
    #[error("the credentials are malformed")]
    Malformed,
}

/// Reads the value of an `Authorization` header.
///
/// RFC 6749 section 2.3.1 wants both halves form-encoded, and many clients send them raw. Undoing
/// the encoding is right for both: no id and no secret has a `%` or a `+`.
///
/// # Errors
///
/// [`BasicError`], which tells another scheme from a malformed value.
pub fn parse(header: &[u8]) -> Result<Credentials, BasicError> {
    let scheme_end = header.iter().position(|byte| *byte == b' ').unwrap_or(header.len());
    let (scheme, value) = header.split_at(scheme_end);
    if !scheme.eq_ignore_ascii_case(b"basic") {
        return Err(BasicError::OtherScheme);
    }
    let pair = BASE64.decode(value.trim_ascii()).map_err(|_| BasicError::Malformed)?;
    let colon = pair.iter().position(|byte| *byte == b':').ok_or(BasicError::Malformed)?;
    let half = |encoded| match decode(encoded) {
        Ok(half) if !half.is_empty() => Ok(half.into_owned()),
        Ok(_) | Err(_) => Err(BasicError::Malformed),
    };
    Ok(Credentials { id: half(&pair[..colon])?, secret: half(&pair[colon + 1..])? })
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
    use proptest::prelude::*;

    use super::*;

    fn parsed(header: &str) -> Result<(String, String), BasicError> {
        parse(header.as_bytes()).map(|credentials| (credentials.id, credentials.secret))
    }

    /// oauth-endpoints.md 1.2.
    #[test]
    fn every_row_of_the_client_authentication_table() {
        let basic = |pair: &[u8]| format!("Basic {}", STANDARD.encode(pair));
        let ok = |id: &str, secret: &str| Ok((id.to_owned(), secret.to_owned()));
        let rows = [
            ("raw halves", basic(b"mdb_sa_id_1:mdb_sa_sk_-"), ok("mdb_sa_id_1", "mdb_sa_sk_-")),
            ("encoded halves", basic(b"mdb%5Fsa:%2D%2d"), ok("mdb_sa", "--")),
            ("scheme in any case", format!("bAsIc {}", STANDARD.encode("a:b")), ok("a", "b")),
            ("no padding", format!("Basic {}", STANDARD_NO_PAD.encode("a:bc")), ok("a", "bc")),
            ("more spaces", format!("Basic   {} ", STANDARD.encode("a:b")), ok("a", "b")),
            ("first colon splits", basic(b"a:b:c"), ok("a", "b:c")),
            ("not base64", "Basic ???".to_owned(), Err(BasicError::Malformed)),
            ("no colon", basic(b"ab"), Err(BasicError::Malformed)),
            ("empty id", basic(b":b"), Err(BasicError::Malformed)),
            ("empty secret", basic(b"a:"), Err(BasicError::Malformed)),
            ("nothing", "Basic".to_owned(), Err(BasicError::Malformed)),
            ("not UTF-8", basic(b"a:\xff"), Err(BasicError::Malformed)),
            ("broken escape", basic(b"a:%4"), Err(BasicError::Malformed)),
            ("Bearer", "Bearer abc".to_owned(), Err(BasicError::OtherScheme)),
            ("Digest", "Digest username=\"a\"".to_owned(), Err(BasicError::OtherScheme)),
            ("a longer word", "Basics YTpi".to_owned(), Err(BasicError::OtherScheme)),
            ("empty", String::new(), Err(BasicError::OtherScheme)),
        ];
        for (row, header, expected) in rows {
            assert_eq!(parsed(&header), expected, "row: {row}");
        }
    }

    #[test]
    fn credentials_show_nothing_in_debug() {
        let credentials = parse(b"Basic YTpi").unwrap();
        assert_eq!(format!("{credentials:?}"), "Credentials(..)");
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(header in prop::collection::vec(any::<u8>(), 0..200)) {
            let _: Result<_, _> = parse(&header);
        }

        #[test]
        fn what_a_client_encodes_is_read_back(id in "[a-z0-9_]{1,40}", secret in "[A-Za-z0-9_-]{1,60}") {
            let header = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
            prop_assert_eq!(parsed(&header), Ok((id, secret)));
        }
    }
}
