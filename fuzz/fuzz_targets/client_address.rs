//! Where a request came from, by what its sender and the proxy behind it write (RFC 7239).
#![no_main]

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;
use rescind_http::{ForwardedHeader, Malformed, TrustedProxies};

// The first byte says which header it is; the rest are the lines that a client sent to a proxy.
fuzz_target!(|sent: &[u8]| {
    let Some((which, lines)) = sent.split_first() else { return };
    let is_forwarded = which & 1 == 1;
    let (header, name) = if is_forwarded {
        (ForwardedHeader::Forwarded, "forwarded")
    } else {
        (ForwardedHeader::XForwardedFor, "x-forwarded-for")
    };
    let name = HeaderName::from_static(name);
    let [proxy, client] = ["10.0.0.1", "203.0.113.7"].map(|text| text.parse::<IpAddr>().unwrap());
    let networks = vec!["10.0.0.0/8".parse().unwrap()];
    let proxies = TrustedProxies { networks, header, proxy_protocol: false };
    let of = |from: IpAddr, headers: &HeaderMap| proxies.client(proxies.peer(from), headers);

    let lines = lines.split(|byte| *byte == b'\n');
    let lines = lines.filter_map(|line| HeaderValue::from_bytes(line).ok());
    let mut headers: HeaderMap = lines.map(|line| (name.clone(), line)).collect();
    assert_eq!(of(client, &headers), Ok(client), "a stranger is itself");
    let _ = of(proxy, &headers);

    // The proxy appends whom it speaks for to the last line, or adds a line.
    let element = if is_forwarded { "for=203.0.113.7;proto=https" } else { "203.0.113.7" };
    if let Some(last) = headers.get_all(&name).iter().next_back() {
        let line = [last.as_bytes(), b", ", element.as_bytes()].concat();
        let appended =
            HeaderMap::from_iter([(name.clone(), HeaderValue::from_bytes(&line).unwrap())]);
        let seen = of(proxy, &appended);
        let refusable = is_forwarded || last.to_str().is_err();
        assert!(seen == Ok(client) || seen == Err(Malformed) && refusable, "{seen:?}");
    }
    headers.append(name, HeaderValue::from_static(element));
    assert_eq!(of(proxy, &headers), Ok(client), "the proxy knows better");
});
