//! The body of an OAuth request (oauth-endpoints.md 1.3).
#![no_main]

use libfuzzer_sys::fuzz_target;
use rescind_http::form::{Form, decode};

const KNOWN: [&str; 4] = ["token", "token_type_hint", "client_id", "client_secret"];

fuzz_target!(|body: &[u8]| {
    // A second reading of the body, in plain words: names, and what stands behind the first `=`.
    let pairs: Option<Vec<_>> = body
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next()?).ok()?;
            let value = decode(halves.next().unwrap_or_default()).ok()?;
            Some((name, value))
        })
        .collect();
    let values = |name: &'static str| pairs.iter().flatten().filter(move |(key, _)| key == name);
    let readable = pairs.is_some() && KNOWN.iter().all(|name| values(name).count() <= 1);

    match Form::parse(body, &KNOWN) {
        Err(_) => assert!(!readable, "a form that can be read in one way was refused"),
        Ok(form) => {
            assert!(readable, "a form that can be read in several ways was taken");
            for name in KNOWN {
                let value = values(name).map(|(_, value)| &**value).find(|value| !value.is_empty());
                assert_eq!(form.get(name), value, "{name}");
            }
            assert_eq!(form.get("unknown"), None);
        }
    }
});
