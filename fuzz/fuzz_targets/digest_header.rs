//! The credentials of an `Authorization: Digest` header (RFC 7616 section 3.4).
#![no_main]

use libfuzzer_sys::fuzz_target;
use rescind_core::digest::Presented;
use rescind_http::digest::parse;

fuzz_target!(|credentials: &[u8]| {
    let Some(presented) = parse(credentials) else { return };

    // Written down again, in another order and all quoted, they are the same credentials.
    let written = write(&presented);
    let again = parse(written.as_bytes()).unwrap_or_else(|| panic!("refused: {written}"));
    assert_eq!(parts(&again), parts(&presented));

    // Whatever a client adds a second time, nobody can tell which of the two it meant.
    for name in ["username", "realm", "nonce", "URI", "response"] {
        assert!(parse(format!("{written}, {name}=x").as_bytes()).is_none(), "{name} twice");
    }
});

/// What a response is made of, by name; without those that are not there.
fn parts(presented: &Presented<'_>) -> Vec<(&'static str, String)> {
    let Presented { username, realm, nonce, uri, response, algorithm, qop } = presented;
    let mut parts: Vec<(_, String)> = vec![
        ("algorithm", algorithm.as_str().to_owned()),
        ("response", response.to_string()),
        ("uri", uri.to_string()),
        ("nonce", nonce.to_string()),
        ("realm", realm.to_string()),
        ("username", username.to_string()),
    ];
    if let Some(qop) = qop {
        parts.push(("nc", format!("{:08x}", qop.count.number())));
        parts.push(("cnonce", qop.cnonce.to_string()));
        parts.push(("qop", "auth".to_owned()));
    }
    parts
}

fn write(presented: &Presented<'_>) -> String {
    let parts = parts(presented);
    let pairs = parts.iter().map(|(name, value)| {
        let escaped = value.replace('\\', r"\\").replace('"', r#"\""#);
        format!("{name}=\"{escaped}\"")
    });
    pairs.collect::<Vec<_>>().join(", ")
}
