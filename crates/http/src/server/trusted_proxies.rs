//! Where a request came from, when there are proxies in front of the server.

use std::net::IpAddr;

use axum::http::HeaderMap;
use ipnet::IpNet;

use super::forwarded::{ForwardedHeader, Hop};

/// The proxies that are believed when they say whom they speak for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies {
    /// Their addresses. Nobody else is believed.
    pub networks: Vec<IpNet>,
    /// The header that they write.
    pub header: ForwardedHeader,
    /// Whether each of their connections begins with a header of the PROXY protocol. Then nobody
    /// else is served, and the headers of HTTP come from whom the proxy names.
    pub proxy_protocol: bool,
}

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address.
    pub address: IpAddr,
    /// Whether it is a proxy that is believed when a request of it names somebody else.
    pub is_proxy: bool,
}

/// A trusted proxy wrote what is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl TrustedProxies {
    pub(super) fn trusts(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// Who opened a connection from `address`.
    #[must_use]
    pub fn peer(&self, address: IpAddr) -> Peer {
        Peer { address, is_proxy: self.trusts(address) }
    }

    /// The client that a request comes from, which `peer` sent with these headers. From the peer on,
    /// each proxy names the one before it, as far as they are trusted. One that does not name it
    /// stands for it.
    ///
    /// # Errors
    ///
    /// [`Malformed`]: what a trusted proxy wrote, or what it let a client write into the midst of
    /// it, names nobody. To take the proxy for the client then would let such a client hide.
    pub fn client(&self, peer: Peer, headers: &HeaderMap) -> Result<IpAddr, Malformed> {
        let mut client = peer.address;
        if !peer.is_proxy {
            return Ok(client);
        }
        let lines = headers.get_all(self.header.name()).iter().rev();
        for hop in lines.flat_map(|line| self.header.hops(line).into_iter().rev()) {
            match hop {
                Hop::Address(address) => client = address,
                Hop::Unnamed => return Ok(client),
                Hop::Malformed => return Err(Malformed),
            }
            if !self.trusts(client) {
                return Ok(client);
            }
        }
        Ok(client)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::*;

    const PROXY: &str = "10.0.0.1";

    /// What it is about, where the connection came from, the lines of the header, the client.
    type Row =
        (&'static str, &'static str, &'static [&'static str], Result<&'static str, Malformed>);

    fn proxies(header: ForwardedHeader) -> TrustedProxies {
        let networks = ["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap());
        TrustedProxies { networks: networks.into(), header, proxy_protocol: false }
    }

    fn client(
        proxies: &TrustedProxies,
        from: &str,
        headers: &[(HeaderName, &'static str)],
    ) -> Result<String, Malformed> {
        let headers = headers.iter().cloned();
        let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
        let peer = proxies.peer(from.parse().unwrap());
        proxies.client(peer, &headers.collect()).map(|address| address.to_string())
    }

    #[test]
    fn the_client_is_the_last_that_no_trusted_proxy_stands_for() {
        let proxies = proxies(ForwardedHeader::XForwardedFor);
        #[rustfmt::skip]
        let rows: [Row; 13] = [
            ("a client that says nothing",        "192.0.2.1", &[],                                  Ok("192.0.2.1")),
            ("a client that lies",                "192.0.2.1", &["192.0.2.66"],                      Ok("192.0.2.1")),
            ("a client that talks nonsense",      "192.0.2.1", &["nonsense"],                        Ok("192.0.2.1")),
            ("a proxy for itself",                PROXY,       &[],                                  Ok(PROXY)),
            ("a proxy for a client",              PROXY,       &["192.0.2.1"],                       Ok("192.0.2.1")),
            ("a client that lied to the proxy",   PROXY,       &["192.0.2.66, 192.0.2.1"],           Ok("192.0.2.1")),
            ("nonsense before the client",        PROXY,       &["nonsense, 192.0.2.1"],             Ok("192.0.2.1")),
            ("two proxies, the nearer IPv6",      "fd00::1",   &["192.0.2.66, 192.0.2.1, 10.0.0.2"], Ok("192.0.2.1")),
            ("two lines are one list",            PROXY,       &["192.0.2.66", "192.0.2.1", "10.0.0.2"], Ok("192.0.2.1")),
            ("nobody but proxies",                PROXY,       &["10.0.0.3, 10.0.0.2"],              Ok("10.0.0.3")),
            ("a proxy that keeps its client",     PROXY,       &["192.0.2.66, unknown, 10.0.0.2"],   Ok("10.0.0.2")),
            ("a proxy that is not understood",    PROXY,       &["192.0.2.1, nonsense"],             Err(Malformed)),
            ("a client behind a mapped address",  PROXY,       &["::ffff:192.0.2.1"],                Ok("192.0.2.1")),
        ];
        for (row, from, lines, expected) in rows {
            let lines: Vec<_> = lines.iter().map(|line| (proxies.header.name(), *line)).collect();
            assert_eq!(client(&proxies, from, &lines), expected.map(str::to_owned), "row: {row}");
        }
    }

    /// A proxy that writes one of them hands on the other as the client wrote it.
    #[test]
    fn only_one_header_is_looked_at() {
        let (one, other) = (ForwardedHeader::XForwardedFor, ForwardedHeader::Forwarded);
        let headers = [(one.name(), "192.0.2.1"), (other.name(), "for=192.0.2.2")];
        assert_eq!(client(&proxies(one), PROXY, &headers).unwrap(), "192.0.2.1");
        assert_eq!(client(&proxies(other), PROXY, &headers).unwrap(), "192.0.2.2");
    }

    #[test]
    fn nobody_is_trusted_unless_it_is_said() {
        let nobody = TrustedProxies::default();
        let headers = [(nobody.header.name(), "192.0.2.1")];
        assert_eq!(client(&nobody, "127.0.0.1", &headers).unwrap(), "127.0.0.1");
    }

    /// Pieces that such headers are made of, so that some are nearly right.
    const PIECES: &str =
        r#"([ ,;="\\\[\]:._]|for|by|unknown|192\.0\.2\.66|10\.0\.0\.2|2001:db8::1|[ -~]){0,24}"#;

    proptest! {
        /// Where the grammar is broken, the request is refused; nobody else is believed.
        #[test]
        fn whatever_a_client_writes_the_word_of_the_proxy_counts(written in PIECES) {
            for header in [ForwardedHeader::XForwardedFor, ForwardedHeader::Forwarded] {
                let element = match header {
                    ForwardedHeader::XForwardedFor => "203.0.113.7",
                    ForwardedHeader::Forwarded => r#"for="203.0.113.7:80";proto=https"#,
                };
                let proxies = proxies(header);
                let seen = |lines: &[&str]| {
                    let line = |line: &&str| (header.name(), HeaderValue::from_str(line).unwrap());
                    let headers = lines.iter().map(line).collect();
                    let client = proxies.client(proxies.peer(PROXY.parse().unwrap()), &headers);
                    client.map(|client| client.to_string())
                };
                let named = Ok("203.0.113.7".to_owned());
                prop_assert_eq!(seen(&[&written, element]), named.clone());
                let appended = seen(&[&format!("{written}, {element}")]);
                let is_refused = header == ForwardedHeader::Forwarded && appended == Err(Malformed);
                prop_assert!(appended == named || is_refused, "{:?}", appended);
            }
        }
    }
}
