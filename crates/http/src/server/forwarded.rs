//! The headers in which proxies say whom they speak for: `Forwarded` (RFC 7239) and
//! `X-Forwarded-For`, which came before it and has no standard.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::http::{HeaderName, HeaderValue, header::FORWARDED};

/// The one header that the proxies in front of a server write. There is one, because a proxy hands
/// on a header that it does not know as the client wrote it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For: 203.0.113.7, 10.0.0.2`
    #[default]
    XForwardedFor,
    /// `Forwarded: for=203.0.113.7;proto=https, for="[2001:db8::1]:47011"`
    Forwarded,
}

/// Whom one proxy spoke for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hop {
    /// This address.
    Address(IpAddr),
    /// Somebody whom it does not name: `unknown`, or a name of its own (RFC 7239 section 6.3).
    Unnamed,
    /// It said something else.
    Malformed,
}

impl ForwardedHeader {
    pub(super) fn name(self) -> HeaderName {
        match self {
            Self::XForwardedFor => HeaderName::from_static("x-forwarded-for"),
            Self::Forwarded => FORWARDED,
        }
    }

    /// What one line of the header says, in its order: the proxy nearest to us wrote the last.
    #[must_use]
    pub fn hops(self, line: &HeaderValue) -> Vec<Hop> {
        let Ok(line) = line.to_str() else { return vec![Hop::Malformed] };
        match self {
            Self::XForwardedFor => elements(line).map(node).collect(),
            Self::Forwarded => forwarded(line).unwrap_or_else(|| vec![Hop::Malformed]),
        }
    }
}

/// The elements of a list, of which some may be empty (RFC 9110 section 5.6.1.2).
fn elements(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(|element| element.trim_matches([' ', '\t'])).filter(|e| !e.is_empty())
}

/// The `for` of each element (RFC 7239 section 4). It is read from the left, with all its quotes:
/// a client may have had a say in a host within quotes, and must not end an element there. `None`
/// where the grammar is broken.
fn forwarded(line: &str) -> Option<Vec<Hop>> {
    let mut hops = Vec::new();
    let mut rest = line;
    loop {
        let mut hop = None;
        let mut is_empty = true;
        loop {
            rest = rest.trim_start_matches([' ', '\t']);
            if !rest.starts_with([';', ',']) && !rest.is_empty() {
                let (name, value, behind) = pair(rest)?;
                if name.eq_ignore_ascii_case("for") && hop.replace(node(&value)).is_some() {
                    return None; // section 4: no parameter twice
                }
                is_empty = false;
                rest = behind.trim_start_matches([' ', '\t']);
            }
            match rest.strip_prefix(';') {
                Some(behind) => rest = behind,
                None => break,
            }
        }
        if !is_empty {
            hops.push(hop.unwrap_or(Hop::Unnamed));
        }
        if rest.is_empty() {
            return Some(hops);
        }
        rest = rest.strip_prefix(',')?;
    }
}

/// `token "=" ( token / quoted-string )`, and what stands behind it.
fn pair(text: &str) -> Option<(&str, String, &str)> {
    let (name, behind) = token(text)?;
    let behind = behind.strip_prefix('=')?;
    let (value, behind) = match behind.strip_prefix('"') {
        Some(quoted) => unquoted(quoted)?,
        None => token(behind).map(|(value, behind)| (value.to_owned(), behind))?,
    };
    Some((name, value, behind))
}

fn token(text: &str) -> Option<(&str, &str)> {
    // RFC 9110 section 5.6.2, and what `for` is often given although it should be quoted.
    let ends = |c: char| !c.is_ascii_graphic() || "\"(),/;<=>?@\\{}".contains(c);
    let (token, behind) = text.split_at(text.find(ends).unwrap_or(text.len()));
    (!token.is_empty()).then_some((token, behind))
}

/// A quoted string from behind its first quote on, and what stands behind its last.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '"' => return Some((value, &text[place + 1..])),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

/// A node (RFC 7239 section 6): an address, perhaps with a port, or no address on purpose. IPv6
/// may lack its brackets, as it does in `X-Forwarded-For`.
fn node(text: &str) -> Hop {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Hop::Address(address.to_canonical());
    }
    let within = |(name, _): &(&str, _)| name.starts_with('[') && !name.ends_with(']');
    let name = match text.rsplit_once(':').filter(|split| !within(split)) {
        Some((_, port)) if !is_port(port) => return Hop::Malformed,
        Some((name, _)) => name,
        None => text,
    };
    let in_brackets = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    let address = match in_brackets {
        Some(address) => address.parse::<Ipv6Addr>().map(IpAddr::from),
        None => name.parse::<Ipv4Addr>().map(IpAddr::from),
    };
    match address {
        Ok(address) => Hop::Address(address.to_canonical()),
        Err(_) if name.eq_ignore_ascii_case("unknown") || is_obfuscated(name) => Hop::Unnamed,
        Err(_) => Hop::Malformed,
    }
}

/// Digits, or a port that is hidden too.
fn is_port(text: &str) -> bool {
    is_obfuscated(text) || text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

fn is_obfuscated(text: &str) -> bool {
    let part = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    text.strip_prefix('_').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(part))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn address(text: &str) -> Hop {
        Hop::Address(text.parse().unwrap())
    }

    #[test]
    fn a_node_is_an_address_or_hides_itself() {
        let v6 = address("2001:db8::7");
        #[rustfmt::skip]
        let rows = [
            ("192.0.2.7",           address("192.0.2.7")),
            ("192.0.2.7:47011",     address("192.0.2.7")),
            ("192.0.2.7:_port",     address("192.0.2.7")),
            ("2001:db8::7",         v6),
            ("[2001:db8::7]",       v6),
            ("[2001:db8::7]:47011", v6),
            ("::ffff:192.0.2.7",    address("192.0.2.7")),
            ("[::ffff:192.0.2.7]:80", address("192.0.2.7")),
            ("unknown",             Hop::Unnamed),
            ("Unknown:80",          Hop::Unnamed),
            ("_gazonk",             Hop::Unnamed),
            ("_SEVKISEK.a-b:_c",    Hop::Unnamed),
            ("",                    Hop::Malformed),
            ("_",                   Hop::Malformed),
            ("_a b",                Hop::Malformed),
            ("proxy.example.com",   Hop::Malformed),
            ("192.0.2",             Hop::Malformed),
            ("192.0.2.007",         Hop::Malformed),
            ("192.0.2.7:",          Hop::Malformed),
            ("192.0.2.7:+80",       Hop::Malformed),
            ("192.0.2.7:65536",     Hop::Malformed),
            ("[192.0.2.7]",         Hop::Malformed),
            ("[2001:db8::7",        Hop::Malformed),
            ("[2001:db8::7]80",     Hop::Malformed),
            ("[2001:db8::7%eth0]",  Hop::Malformed),
            ("2001:db8::7]:80",     Hop::Malformed),
        ];
        for (text, expected) in rows {
            assert_eq!(node(text), expected, "row: {text}");
        }
    }

    #[test]
    fn x_forwarded_for_is_a_list_of_nodes() {
        let line = HeaderValue::from_static(" 192.0.2.1,,unknown ,\t[2001:db8::7]:80, nobody");
        let expected = [address("192.0.2.1"), Hop::Unnamed, address("2001:db8::7"), Hop::Malformed];
        assert_eq!(ForwardedHeader::XForwardedFor.hops(&line), expected);
    }

    /// RFC 7239 section 4, its examples among the rows.
    #[test]
    fn forwarded_is_a_list_of_lists_of_pairs() {
        #[rustfmt::skip]
        let rows: [(&str, &[Hop]); 18] = [
            (r#"for="_gazonk""#,                                            &[Hop::Unnamed]),
            (r#"For="[2001:db8:cafe::17]:4711""#,                           &[address("2001:db8:cafe::17")]),
            ("for=192.0.2.60;proto=http;by=203.0.113.43",                   &[address("192.0.2.60")]),
            ("for=192.0.2.43, for=198.51.100.17",                           &[address("192.0.2.43"), address("198.51.100.17")]),
            ("proto=https ; FOR=192.0.2.43 ;; by=_a,\tfor=unknown",         &[address("192.0.2.43"), Hop::Unnamed]),
            ("for=[2001:db8::7]:80",                                        &[address("2001:db8::7")]),
            ("by=203.0.113.43",                                             &[Hop::Unnamed]),
            (", ,for=192.0.2.43,",                                          &[address("192.0.2.43")]),
            ("",                                                            &[]),
            (r#"for="192.0.2\.43""#,                                        &[address("192.0.2.43")]),
            (r#"for=192.0.2.1;host="a,for=192.0.2.66";proto=https"#,        &[address("192.0.2.1")]),
            (r#"for=192.0.2.1;host="a\",for=192.0.2.66""#,                  &[address("192.0.2.1")]),
            (r#"for="x, for=192.0.2.1"#,                                    &[Hop::Malformed]),
            ("for=192.0.2.1;for=192.0.2.66",                                &[Hop::Malformed]),
            ("for = 192.0.2.1",                                             &[Hop::Malformed]),
            ("for=192.0.2.1 proto=http",                                    &[Hop::Malformed]),
            ("for=",                                                        &[Hop::Malformed]),
            ("192.0.2.1",                                                   &[Hop::Malformed]),
        ];
        for (text, expected) in rows {
            let line = HeaderValue::from_static(text);
            assert_eq!(ForwardedHeader::Forwarded.hops(&line), expected, "row: {text}");
        }
    }

    #[test]
    fn what_is_not_ascii_names_nobody() {
        let line = HeaderValue::from_bytes(b"192.0.2.1, \xff").unwrap();
        for header in [ForwardedHeader::XForwardedFor, ForwardedHeader::Forwarded] {
            assert_eq!(header.hops(&line), [Hop::Malformed]);
        }
    }

    proptest! {
        #[test]
        fn any_list_of_addresses_is_read_as_it_was_written(
            list in proptest::collection::vec((any::<IpAddr>(), any::<Option<u16>>()), 1..9),
        ) {
            let expected: Vec<_> =
                list.iter().map(|(address, _)| Hop::Address(address.to_canonical())).collect();
            let node = |(address, port): &(IpAddr, Option<u16>)| match (address, port) {
                (IpAddr::V6(address), None) => format!("[{address}]"),
                (IpAddr::V6(address), Some(port)) => format!("[{address}]:{port}"),
                (IpAddr::V4(address), None) => address.to_string(),
                (IpAddr::V4(address), Some(port)) => format!("{address}:{port}"),
            };
            let plain = list.iter().map(node).collect::<Vec<_>>().join(", ");
            let line = HeaderValue::try_from(plain).unwrap();
            prop_assert_eq!(ForwardedHeader::XForwardedFor.hops(&line), &*expected);
            let quoted = list.iter().map(|hop| format!("for=\"{}\";proto=https", node(hop)));
            let line = HeaderValue::try_from(quoted.collect::<Vec<_>>().join(",")).unwrap();
            prop_assert_eq!(ForwardedHeader::Forwarded.hops(&line), &*expected);
        }
    }
}
