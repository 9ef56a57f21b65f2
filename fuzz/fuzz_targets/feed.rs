//! The feed, as a resource server reads it: server-sent events, and what they do to its memory.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rescind_verifier::fuzzing::feed;

// The first byte says how it is cut; the rest is what comes over the line.
fuzz_target!(|input: &[u8]| {
    let Some((cut, text)) = input.split_first() else { return };
    let whole = feed([text]);
    let size = usize::from(*cut % 61) + 1;
    assert_eq!(feed(text.chunks(size)), whole, "in pieces of {size}");
    let empty: &[u8] = &[];
    assert_eq!(feed(text.chunks(size).flat_map(|piece| [empty, piece])), whole);
});
