//! Access tokens: compact JWTs with the contract's claims (oauth-endpoints.md 6, RFC 9068).

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    clock::UnixTime,
    id::ClientId,
    key_ring::KeyRing,
    random::{self, Random},
    signing::SigningKey,
    status_list::{ListId, StatusRef},
};

/// How long a token lives, in seconds (oauth-endpoints.md 6.1: one hour, fixed).
pub const LIFETIME_SECONDS: i64 = 3600;

/// The `aud` of every token (oauth-endpoints.md 6).
pub const AUDIENCE: &str = "api://admin";

/// The longest text that is looked at as a token, in bytes. Ours have about 800.
pub const MAX_LENGTH: usize = 4096;

/// The name of a token, its `jti`.
pub type TokenId = Uuid;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Who issued it: the public base URL at that time.
    pub issuer: String,
    /// The service account that it was issued to.
    pub client_id: ClientId,
    /// When it was issued.
    pub issued_at: UnixTime,
    /// From this very second on it is dead (RFC 7519 section 4.1.4: "on or after").
    pub expires_at: UnixTime,
    /// Its name.
    pub token_id: TokenId,
    /// The bit that tells whether it was revoked.
    pub status: StatusRef,
}

/// A signed token. It can be spent by whoever holds it, so it has no text in `Debug`.
#[derive(Clone)]
pub struct AccessToken(String);

impl AccessToken {
    /// The token itself, for the one answer that hands it out.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(..)")
    }
}

/// The payload on the wire: `cid`, `client_id` and `actorId` repeat `sub`, each for its readers.
#[derive(Serialize)]
struct Payload<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: ClientId,
    cid: ClientId,
    client_id: ClientId,
    #[serde(rename = "actorId")]
    actor_id: ClientId,
    iat: i64,
    exp: i64,
    jti: TokenId,
    status: Status<String>,
}

/// What we read back of it.
#[derive(Deserialize)]
struct ReadPayload<'a> {
    iss: String,
    sub: ClientId,
    iat: i64,
    exp: i64,
    jti: TokenId,
    #[serde(borrow)]
    status: Status<&'a str>,
}

#[derive(Serialize, Deserialize)]
struct Status<T> {
    status_list: StatusListReference<T>,
}

/// `status_list` of the IETF Token Status List specification, "Referenced Token".
#[derive(Serialize, Deserialize)]
struct StatusListReference<T> {
    idx: u32,
    uri: T,
}

impl Claims {
    /// The claims of a token issued `now` to `client_id`.
    #[must_use]
    pub fn new(
        issuer: &str,
        client_id: ClientId,
        status: StatusRef,
        now: UnixTime,
        random: &dyn Random,
    ) -> Self {
        Self {
            issuer: issuer.to_owned(),
            client_id,
            issued_at: now,
            expires_at: now.plus_seconds(LIFETIME_SECONDS),
            token_id: uuid::Builder::from_random_bytes(random::bytes(random)).into_uuid(),
            status,
        }
    }

    /// The token that says this, signed with `key`.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> AccessToken {
        let payload = Payload {
            iss: &self.issuer,
            aud: AUDIENCE,
            sub: self.client_id,
            cid: self.client_id,
            client_id: self.client_id,
            actor_id: self.client_id,
            iat: self.issued_at.as_second(),
            exp: self.expires_at.as_second(),
            jti: self.token_id,
            status: Status {
                status_list: StatusListReference {
                    idx: self.status.index,
                    uri: list_uri(&self.issuer, self.status.list),
                },
            },
        };
        #[expect(clippy::expect_used, reason = "texts and numbers; no map, nothing that can fail")]
        let json = serde_json::to_vec(&payload).expect("claims are JSON");
        let mut token = String::with_capacity(1024);
        token.push_str(key.header());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(json, &mut token);
        let signature = key.sign(token.as_bytes());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        AccessToken(token)
    }
}

/// Where the status list `list` of `issuer` can be fetched.
#[must_use]
pub fn list_uri(issuer: &str, list: ListId) -> String {
    format!("{issuer}/statuslists/{list}")
}

/// A text that has the form of a token signed by a key of the ring. It is not yet believed.
pub struct Presented<'a> {
    key: &'a SigningKey,
    signed: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> Presented<'a> {
    /// Takes `text` apart; `None` if no key of `ring` can have signed it. Reads nothing of it but
    /// the dots and the first part.
    #[must_use]
    pub fn parse(text: &'a str, ring: &'a KeyRing) -> Option<Self> {
        if text.len() > MAX_LENGTH {
            return None;
        }
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        Some(Self { key: ring.by_header(header)?, signed, payload, signature })
    }

    /// Whether the signature is good. This is what costs: about 40 µs for ES256.
    #[must_use]
    pub fn is_genuine(&self) -> bool {
        URL_SAFE_NO_PAD
            .decode(self.signature)
            .is_ok_and(|signature| self.key.verifies(self.signed.as_bytes(), &signature))
    }

    /// What it says. Believe it only after [`Self::is_genuine`] said yes of the very same text.
    #[must_use]
    pub fn claims(&self) -> Option<Claims> {
        let json = URL_SAFE_NO_PAD.decode(self.payload).ok()?;
        let payload: ReadPayload = serde_json::from_slice(&json).ok()?;
        let reference = payload.status.status_list;
        Some(Claims {
            issuer: payload.iss,
            client_id: payload.sub,
            issued_at: UnixTime::from_second(payload.iat),
            expires_at: UnixTime::from_second(payload.exp),
            token_id: payload.jti,
            status: StatusRef {
                list: reference.uri.rsplit_once('/')?.1.parse().ok()?,
                index: reference.idx,
            },
        })
    }
}

impl fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Presented({:?}, ..)", self.key)
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{DecodingKey, Validation, decode, decode_header, jwk::Jwk};
    use proptest::prelude::*;

    use super::*;
    use crate::{data_keys::DataKeys, random::SystemRandom, signing::Algorithm};

    const NOW: UnixTime = UnixTime::from_second(1_740_819_600);

    fn ring(algorithm: Algorithm) -> KeyRing {
        let data_keys = DataKeys::generate(&SystemRandom);
        let wrapped = SigningKey::generate(algorithm, &data_keys, NOW, NOW, &SystemRandom);
        let key = SigningKey::open(&wrapped, &data_keys).unwrap();
        KeyRing::new(vec![key.into()]).unwrap()
    }

    fn claims() -> Claims {
        Claims::new(
            "https://auth.example.com",
            ClientId::from_bytes([0x6b; 12]),
            StatusRef { list: ListId::from_number(7), index: 4711 },
            NOW,
            &SystemRandom,
        )
    }

    fn accepts(ring: &KeyRing, text: &str) -> Option<Claims> {
        Presented::parse(text, ring).filter(Presented::is_genuine)?.claims()
    }

    #[test]
    fn a_token_is_read_as_it_was_written() {
        for algorithm in Algorithm::ALL {
            let ring = ring(algorithm);
            let claims = claims();
            let token = claims.sign(ring.current(NOW));
            assert_eq!(accepts(&ring, token.expose()), Some(claims), "{algorithm}");
        }
    }

    /// Verified by a library that shares no code with the one that signs. It has no ES512:
    /// `interop/` verifies all four algorithms with others.
    #[test]
    fn another_library_verifies_our_tokens() {
        for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa] {
            let ring = ring(algorithm);
            let claims = claims();
            let token = claims.sign(ring.current(NOW));
            let jwk = serde_json::to_value(ring.current(NOW).jwk()).unwrap();
            let jwk: Jwk = serde_json::from_value(jwk).unwrap();
            let header = decode_header(token.expose()).unwrap();
            assert_eq!(header.kid, Some(ring.current(NOW).info().kid.to_string()));
            assert_eq!(header.typ.as_deref(), Some("JWT"));
            let mut validation = Validation::new(header.alg);
            validation.set_audience(&[AUDIENCE]);
            validation.set_issuer(&["https://auth.example.com"]);
            validation.validate_exp = false; // the token is of 2025
            let read = decode::<serde_json::Value>(
                token.expose(),
                &DecodingKey::from_jwk(&jwk).unwrap(),
                &validation,
            )
            .unwrap();
            assert_eq!(
                read.claims,
                serde_json::json!({
                    "iss": "https://auth.example.com",
                    "aud": "api://admin",
                    "sub": "mdb_sa_id_6b6b6b6b6b6b6b6b6b6b6b6b",
                    "cid": "mdb_sa_id_6b6b6b6b6b6b6b6b6b6b6b6b",
                    "client_id": "mdb_sa_id_6b6b6b6b6b6b6b6b6b6b6b6b",
                    "actorId": "mdb_sa_id_6b6b6b6b6b6b6b6b6b6b6b6b",
                    "iat": 1_740_819_600,
                    "exp": 1_740_823_200,
                    "jti": claims.token_id.to_string(),
                    "status": {"status_list": {
                        "idx": 4711,
                        "uri": "https://auth.example.com/statuslists/7",
                    }},
                }),
                "{algorithm}"
            );
        }
    }

    /// oauth-endpoints.md 5.2, row "unknown, garbage, altered signature, not a JWT".
    #[test]
    fn what_we_did_not_sign_is_not_believed() {
        let ring = ring(Algorithm::Es256);
        let token = claims().sign(ring.current(NOW));
        let [header, payload, signature]: [&str; 3] =
            token.expose().split('.').collect::<Vec<_>>().try_into().unwrap();
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let other_key = claims().sign(self::ring(Algorithm::Es256).current(NOW));
        let unsigned = encode(r#"{"alg":"none","typ":"JWT"}"#);
        let rows = [
            ("empty", String::new()),
            ("garbage", "garbage".to_owned()),
            ("dots alone", "..".to_owned()),
            ("no signature", format!("{header}.{payload}.")),
            ("two parts", format!("{header}.{payload}")),
            ("four parts", format!("{header}.{payload}.{signature}.{signature}")),
            ("alg none", format!("{unsigned}.{payload}.")),
            ("alg none, signed", format!("{unsigned}.{payload}.{signature}")),
            ("padded signature", format!("{header}.{payload}.{signature}==")),
            ("a key of another installation", other_key.expose().to_owned()),
            ("longer than any of ours", format!("{}{}", token.expose(), "A".repeat(MAX_LENGTH))),
            ("a space after it", format!("{} ", token.expose())),
        ];
        for (row, text) in rows {
            assert_eq!(accepts(&ring, &text), None, "row: {row}");
        }
    }

    #[test]
    fn a_token_shows_nothing_in_debug() {
        let ring = ring(Algorithm::EdDsa);
        let token = claims().sign(ring.current(NOW));
        assert_eq!(format!("{token:?}"), "AccessToken(..)");
        let presented = Presented::parse(token.expose(), &ring).unwrap();
        assert!(!format!("{presented:?}").contains(&token.expose()[..40]));
    }

    proptest! {
        /// Any one character changed to any other makes it another text, which we did not sign.
        #[test]
        fn no_altered_token_is_believed(at in 0_usize..10_000, to in "[A-Za-z0-9_.=-]") {
            let ring = ring(Algorithm::Es256);
            let token = claims().sign(ring.current(NOW));
            let mut altered = token.expose().to_owned();
            let at = at % altered.len();
            altered.replace_range(at..=at, &to);
            prop_assume!(altered != token.expose());
            prop_assert_eq!(accepts(&ring, &altered), None);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".*") {
            let ring = ring(Algorithm::Es256);
            prop_assert_eq!(accepts(&ring, &text), None);
        }
    }
}
