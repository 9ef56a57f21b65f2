//! The URL that clients reach a server by.

use std::str::FromStr;

use http::{Uri, uri::Scheme};

/// An `http` or `https` URL without user, query or fragment, and without a slash at its end: what
/// RFC 8414 section 2 allows as an issuer, and what paths can be appended to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicUrl(String);

/// A text that is no such URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a public URL looks like https://tokens.example.com: http or https, a host, perhaps a port \
     and a path, and no user, query or fragment"
)]
pub(crate) struct ParsePublicUrlError;

impl PublicUrl {
    /// The URL as the operator wrote it, but for a slash at its end: issuers are compared letter
    /// by letter (RFC 8414 section 3.3).
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether clients reach the server over TLS, be it the server's own or a proxy's.
    pub(crate) fn is_https(&self) -> bool {
        self.0.get(.."https:".len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"))
    }
}

impl FromStr for PublicUrl {
    type Err = ParsePublicUrlError;

    fn from_str(text: &str) -> Result<Self, ParsePublicUrlError> {
        let uri: Uri = text.parse().map_err(|_| ParsePublicUrlError)?;
        let web = uri.scheme().is_some_and(|s| *s == Scheme::HTTP || *s == Scheme::HTTPS);
        // `Uri` drops a fragment in silence.
        if !web || !names_a_host(&uri) || uri.query().is_some() || text.contains('#') {
            return Err(ParsePublicUrlError);
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

/// Whether the authority is a host, perhaps with a port, and nothing else. `Uri` has no port where
/// the digits are none or too many, and skips a user.
fn names_a_host(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default();
    let authority = match uri.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    !host.is_empty() && uri.authority().is_some_and(|given| *given == authority.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_can_reach_is_kept_as_it_was_written() {
        #[rustfmt::skip]
        let rows = [
            ("https://tokens.example.com",       "https://tokens.example.com"),
            ("https://tokens.example.com/",      "https://tokens.example.com"),
            ("http://127.0.0.1:8080",            "http://127.0.0.1:8080"),
            ("http://[::1]:8080/",               "http://[::1]:8080"),
            ("HTTPS://Tokens.Example.com:8443",  "HTTPS://Tokens.Example.com:8443"),
            ("https://example.com/auth/tokens/", "https://example.com/auth/tokens"),
        ];
        for (text, url) in rows {
            assert_eq!(text.parse::<PublicUrl>().unwrap().as_str(), url, "row: {text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let rows = [
            "",
            "tokens.example.com",
            "//tokens.example.com",
            "/tokens",
            "ftp://example.com",
            "https://",
            "https:///path",
            "https://:8080",
            "https://example.com:",
            "https://example.com:99999",
            "https://user@example.com",
            "https://user:password@example.com",
            "https://example.com?a=b",
            "https://example.com/?",
            "https://example.com#a",
            "https://example.com/#",
            "https://exa mple.com",
            " https://example.com",
            "https://exämple.com",
        ];
        for text in rows {
            assert_eq!(text.parse::<PublicUrl>(), Err(ParsePublicUrlError), "row: {text}");
        }
    }
}
