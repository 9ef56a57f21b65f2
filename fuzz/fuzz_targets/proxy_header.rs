//! What a connection begins with, behind a proxy that speaks the PROXY protocol, version 1 or 2.
#![no_main]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use libfuzzer_sys::fuzz_target;
use rescind_http::proxy_protocol::{Front, read};

/// So much is tried with every part of it.
const MOST: usize = 600;

fuzz_target!(|arrived: &[u8]| {
    let _ = read(arrived);
    let arrived = &arrived[..arrived.len().min(MOST)];
    let whole = read(arrived);
    if let Ok(Front::Header { source, length }) = whole {
        assert!(length <= arrived.len());
        assert_eq!(source, named(&arrived[..length]), "{:?}", &arrived[..length]);
    }
    // It does not matter in which pieces it comes, nor what comes behind it.
    for count in 0..arrived.len() {
        match (&whole, read(&arrived[..count])) {
            (Ok(header @ Front::Header { length, .. }), Ok(part)) => {
                let expected = if count < *length { Front::Incomplete } else { *header };
                assert_eq!(part, expected, "{count} bytes of {arrived:?}");
            }
            (Ok(Front::Incomplete), Ok(part)) => assert_eq!(part, Front::Incomplete),
            (Ok(_), Err(error)) => panic!("{count} bytes: {error}"),
            (Err(_), Ok(Front::Header { .. })) => panic!("{count} bytes are a header"),
            (Err(_), _) => {}
        }
    }
});

/// A second reading of a header that was taken: the address that it names, if it names one.
fn named(header: &[u8]) -> Option<IpAddr> {
    let address = match header.strip_prefix(b"\r\n\r\n\0\r\nQUIT\n") {
        None => {
            let line = std::str::from_utf8(header).expect("a line of version 1 is a text");
            let line = line.strip_suffix("\r\n").expect("a line of version 1 ends");
            let mut words = line.split(' ').skip(1);
            let family = words.next()?;
            let address: IpAddr = match family {
                "UNKNOWN" => return None,
                _ => words.next()?.parse().expect("an address"),
            };
            assert_eq!(address.is_ipv6(), family == "TCP6");
            address
        }
        Some([0x20, ..]) => return None,
        Some([0x21, family, _, _, addresses @ ..]) => match family >> 4 {
            1 => Ipv4Addr::from(*addresses.first_chunk::<4>()?).into(),
            2 => Ipv6Addr::from(*addresses.first_chunk::<16>()?).into(),
            _ => return None,
        },
        Some(_) => panic!("another version or command was taken"),
    };
    Some(address.to_canonical())
}
