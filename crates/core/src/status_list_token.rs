//! Status lists as others read them: signed, compressed, cacheable (IETF Token Status List,
//! "Status List Token").

use std::io::Write as _;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use flate2::{Compression, write::ZlibEncoder};
use serde::Serialize;

use crate::{clock::UnixTime, signing::SigningKey, status_list::StatusList};

/// The media type of a signed list.
pub const MEDIA_TYPE: &str = "application/statuslist+jwt";

/// For how long whoever does not follow the feed may go without asking again, in seconds.
pub const TTL_SECONDS: i64 = 60;

/// For how long a signed list holds, in seconds: the longest that an old one can be passed off as
/// a new one.
pub const VALIDITY_SECONDS: i64 = 300;

#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    kid: &'a str,
    typ: &'static str,
}

#[derive(Serialize)]
struct Payload<'a> {
    sub: &'a str,
    iat: i64,
    exp: i64,
    ttl: i64,
    status_list: Bits,
}

#[derive(Serialize)]
struct Bits {
    bits: u8,
    lst: String,
}

/// The list that is found at `uri`, as of `now`, signed with `key`.
#[must_use]
pub fn sign(uri: &str, list: &StatusList, now: UnixTime, key: &SigningKey) -> String {
    let kid = key.info().kid.to_string();
    let header = Header { alg: key.info().algorithm.as_str(), kid: &kid, typ: "statuslist+jwt" };
    let expires_at = now.plus_seconds(VALIDITY_SECONDS).min(list.term().dies_at);
    let payload = Payload {
        sub: uri,
        iat: now.as_second(),
        exp: expires_at.as_second(),
        ttl: TTL_SECONDS,
        status_list: Bits { bits: 1, lst: URL_SAFE_NO_PAD.encode(compress(&list.to_bytes())) },
    };
    let mut token = URL_SAFE_NO_PAD.encode(json(&header));
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(json(&payload), &mut token);
    let signature = key.sign(token.as_bytes());
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    token
}

#[expect(clippy::expect_used, reason = "texts and numbers; no map, nothing that can fail")]
fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("it is JSON")
}

#[expect(clippy::expect_used, reason = "writing to memory cannot fail")]
fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(bytes).and_then(|()| zlib.finish()).expect("memory takes it")
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::ZlibDecoder;
    use jsonwebtoken::{DecodingKey, Validation, decode, decode_header, jwk::Jwk};
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        data_keys::DataKeys,
        random::SystemRandom,
        signing::Algorithm,
        status_list::{LIST_BLOCKS, Term},
    };

    const URI: &str = "https://auth.example.com/statuslists/7";

    fn key() -> SigningKey {
        let data_keys = DataKeys::generate(&SystemRandom);
        let now = UnixTime::from_second(0);
        let wrapped = SigningKey::generate(Algorithm::Es256, &data_keys, now, now, &SystemRandom);
        SigningKey::open(&wrapped, &data_keys).unwrap()
    }

    /// Read by a library that shares no code with what signs.
    fn read(token: &str, key: &SigningKey) -> Value {
        assert_eq!(decode_header(token).unwrap().typ.as_deref(), Some("statuslist+jwt"));
        let jwk: Jwk = serde_json::from_value(serde_json::to_value(key.jwk()).unwrap()).unwrap();
        let mut validation = Validation::new(jsonwebtoken::Algorithm::ES256);
        validation.validate_exp = false; // it is of 2025
        validation.validate_aud = false;
        let decoding = DecodingKey::from_jwk(&jwk).unwrap();
        decode::<Value>(token, &decoding, &validation).unwrap().claims
    }

    fn bits(claims: &Value) -> Vec<u8> {
        let lst = claims["status_list"]["lst"].as_str().unwrap();
        let mut bytes = Vec::new();
        ZlibDecoder::new(&*URL_SAFE_NO_PAD.decode(lst).unwrap()).read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_bit_stands_where_the_specification_counts_it() {
        let (key, now) = (key(), UnixTime::from_second(1_740_819_600));
        let list = StatusList::new(Term::starting(now));
        for index in [0, 9, 64, 1_048_575] {
            list.set(index / 64, 1 << (index % 64));
        }
        let claims = read(&sign(URI, &list, now, &key), &key);
        let bytes = bits(&claims);
        assert_eq!(bytes.len(), LIST_BLOCKS as usize * 8);
        // "the least significant bit of the first byte is the status of index 0"
        let set = (0..bytes.len() * 8).filter(|index| bytes[index / 8] >> (index % 8) & 1 == 1);
        assert_eq!(set.collect::<Vec<_>>(), [0, 9, 64, 1_048_575]);
        assert_eq!(claims["status_list"]["bits"], 1);
    }

    #[test]
    fn it_says_for_how_long_it_holds_but_no_longer_than_its_list() {
        let (key, now) = (key(), UnixTime::from_second(1_740_819_600));
        let list = StatusList::new(Term::starting(now));
        let at = |now| {
            let mut claims = read(&sign(URI, &list, now, &key), &key);
            claims["status_list"] = Value::Null;
            claims
        };
        let expected = |iat: UnixTime, exp: UnixTime| json!({"sub": URI, "iat": iat.as_second(), "exp": exp.as_second(), "ttl": 60, "status_list": null});
        assert_eq!(at(now), expected(now, now.plus_seconds(300)));
        let late = list.term().dies_at.plus_seconds(-10);
        assert_eq!(at(late), expected(late, list.term().dies_at));
    }
}
