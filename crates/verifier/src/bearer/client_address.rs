//! Where a request comes from, as far as the owner of a server knows it.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use http::{Extensions, HeaderMap, HeaderName, HeaderValue};

/// How the address of the client is found, which access lists are about. There is no default: only
/// the owner knows whether there is a proxy in front, and a header that no proxy writes is written
/// by whom it should tell of.
///
/// # Examples
///
/// ```
/// use std::net::SocketAddr;
///
/// use rescind_verifier::ClientAddress;
///
/// // No proxy: the peer, which the server has noted. That of axum notes a `ConnectInfo<SocketAddr>`
/// // (`into_make_service_with_connect_info`), whose address is `peer.0.ip()`.
/// ClientAddress::from_extension(|peer: &SocketAddr| peer.ip());
/// // Behind nginx with `proxy_set_header X-Real-IP $remote_addr`, and reached by nobody else.
/// ClientAddress::from_header("x-real-ip".parse()?);
/// # Ok::<(), http::header::InvalidHeaderName>(())
/// ```
#[derive(Clone)]
pub struct ClientAddress(Source);

#[derive(Clone)]
enum Source {
    Header(HeaderName),
    Function(Arc<Function>),
}

type Function = dyn Fn(&Extensions, &HeaderMap) -> Option<IpAddr> + Send + Sync;

impl ClientAddress {
    /// What an extension of the request says, which the server has put there.
    #[must_use]
    pub fn from_extension<T: Send + Sync + 'static>(
        address: impl Fn(&T) -> IpAddr + Send + Sync + 'static,
    ) -> Self {
        Self::from_fn(move |extensions, _| extensions.get().map(&address))
    }

    /// The last address in a header, which is what the nearest proxy has written: both one that
    /// replaces the header and one that appends to it. The proxy must write it on every request,
    /// and nobody may reach the server around it.
    #[must_use]
    pub fn from_header(name: HeaderName) -> Self {
        Self(Source::Header(name))
    }

    /// What a function makes of a request; `None`: nobody can tell, and the request is answered
    /// 500.
    #[must_use]
    pub fn from_fn(
        address: impl Fn(&Extensions, &HeaderMap) -> Option<IpAddr> + Send + Sync + 'static,
    ) -> Self {
        Self(Source::Function(Arc::new(address)))
    }

    /// That of one request.
    pub(super) fn of(&self, extensions: &Extensions, headers: &HeaderMap) -> Option<IpAddr> {
        match &self.0 {
            Source::Header(name) => headers.get_all(name).iter().next_back().and_then(last),
            Source::Function(address) => address(extensions, headers),
        }
    }
}

impl fmt::Debug for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Header(name) => write!(f, "ClientAddress({name})"),
            Source::Function(_) => f.write_str("ClientAddress(..)"),
        }
    }
}

/// The last address of a line, perhaps with a port.
fn last(line: &HeaderValue) -> Option<IpAddr> {
    let line = line.to_str().ok()?;
    let last = line.rsplit_once(',').map_or(line, |(_, last)| last).trim();
    last.parse().or_else(|_| last.parse().map(|peer: SocketAddr| peer.ip())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A client writes what it likes before the last address, and in lines before the last one.
    #[test]
    fn the_last_address_counts_and_nothing_before_it() {
        let source = ClientAddress::from_header(HeaderName::from_static("x-forwarded-for"));
        #[rustfmt::skip]
        let rows: [(&[&str], Option<&str>); 12] = [
            (&["192.0.2.1"],                          Some("192.0.2.1")),
            (&["203.0.113.9, 192.0.2.1"],             Some("192.0.2.1")),
            (&["203.0.113.9,nonsense,192.0.2.1"],     Some("192.0.2.1")),
            (&["203.0.113.9", "192.0.2.1"],           Some("192.0.2.1")),
            (&["192.0.2.1:4711"],                     Some("192.0.2.1")),
            (&["2001:db8::7"],                        Some("2001:db8::7")),
            (&["[2001:db8::7]:4711"],                 Some("2001:db8::7")),
            (&["192.0.2.1, "],                        None),
            (&["192.0.2.1", "unix:"],                 None),
            (&["192.0.2.1, unknown"],                 None),
            (&["192.0.2.1, \u{e9}"],                  None),
            (&[],                                     None),
        ];
        for (lines, expected) in rows {
            let value = |line: &&str| HeaderValue::from_bytes(line.as_bytes()).unwrap();
            let lines = lines.iter().map(|line| ("x-forwarded-for".parse().unwrap(), value(line)));
            let headers: HeaderMap = lines.collect();
            let expected = expected.map(|text| text.parse().unwrap());
            assert_eq!(source.of(&Extensions::new(), &headers), expected, "row: {headers:?}");
        }
    }

    #[test]
    fn what_the_server_noted_counts_and_no_header() {
        let source = ClientAddress::from_extension(|peer: &SocketAddr| peer.ip());
        let headers = HeaderMap::from_iter([(
            HeaderName::from_static("x-forwarded-for"),
            HeaderValue::from_static("203.0.113.9"),
        )]);
        let mut extensions = Extensions::new();
        assert_eq!(source.of(&extensions, &headers), None);
        extensions.insert(SocketAddr::from(([192, 0, 2, 1], 4711)));
        assert_eq!(source.of(&extensions, &headers), Some([192, 0, 2, 1].into()));
    }
}
