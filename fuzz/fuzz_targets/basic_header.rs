//! The value of an `Authorization` header (oauth-endpoints.md 1.2).
#![no_main]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use libfuzzer_sys::fuzz_target;
use rescind_http::basic::parse;

fuzz_target!(|header: &[u8]| {
    let Ok(credentials) = parse(header) else { return };
    assert!(header[..5].eq_ignore_ascii_case(b"basic"), "credentials of another scheme");
    assert!(!credentials.id.is_empty() && !credentials.secret.is_empty());

    // Written down again, escaped byte by byte, they are the same credentials.
    let escape = |half: &str| half.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let pair = format!("{}:{}", escape(&credentials.id), escape(&credentials.secret));
    let again = parse(format!("Basic {}", STANDARD.encode(pair)).as_bytes())
        .unwrap_or_else(|error| panic!("{error} when written again"));
    assert_eq!(again.id, credentials.id);
    assert_eq!(again.secret, credentials.secret);
});
