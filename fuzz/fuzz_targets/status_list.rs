//! What a signed status list says, as a resource server reads it (IETF Token Status List). Its
//! signature is `access_token`'s part: whoever has the keys of an authority is not a stranger, but
//! even that must not be able to stop a resource server.
#![no_main]

use std::io::Read as _;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use flate2::read::ZlibDecoder;
use libfuzzer_sys::fuzz_target;
use rescind_verifier::fuzzing::status_list;
use serde_json::{Value, json};

/// The bytes of a list.
const LENGTH: usize = 128 * 1024;

// The first byte says what the rest is: all that was signed, the compressed bits, or bits.
fuzz_target!(|input: &[u8]| {
    let Some((kind, rest)) = input.split_first() else { return };
    match kind % 3 {
        0 => check(rest),
        1 => check(&with(rest)),
        _ => {
            let mut bits = vec![0; LENGTH];
            for (place, byte) in rest.iter().enumerate() {
                bits[place * 7919 % LENGTH] = *byte;
            }
            let mut compressed = Vec::new();
            let level = flate2::Compression::fast();
            let _ = flate2::read::ZlibEncoder::new(&*bits, level).read_to_end(&mut compressed);
            assert_eq!(status_list(&with(&compressed)), Some(set_bits(&bits)));
        }
    }
});

fn with(compressed: &[u8]) -> Vec<u8> {
    let list = json!({"bits": 1, "lst": URL_SAFE_NO_PAD.encode(compressed)});
    json!({"sub": "s", "iat": 0, "exp": 9, "status_list": list}).to_string().into_bytes()
}

fn check(payload: &[u8]) {
    let Some(set) = status_list(payload) else { return };
    // A second reading, by name.
    let payload: Value = serde_json::from_slice(payload).expect("what was read is JSON");
    let list = &payload["status_list"];
    assert_eq!(list["bits"], 1);
    let compressed = URL_SAFE_NO_PAD.decode(list["lst"].as_str().expect("a text"));
    let compressed = compressed.expect("base64");
    let mut bits = Vec::new();
    let mut zlib = ZlibDecoder::new(&*compressed).take(2 * LENGTH as u64);
    let _ = zlib.read_to_end(&mut bits);
    assert_eq!(bits.len(), LENGTH, "a list of another length was taken");
    assert_eq!(set, set_bits(&bits));
}

/// "the least significant bit of the first byte is the status of index 0"
fn set_bits(bytes: &[u8]) -> Vec<u32> {
    let bits = bytes.iter().zip(0..).flat_map(|(byte, place)| {
        (0..8).filter(move |bit| byte >> bit & 1 == 1).map(move |bit| place * 8 + bit)
    });
    bits.collect()
}
