//! What a token says (oauth-endpoints.md 6), read and verified by a library that did not sign it.

use std::collections::HashSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use rescind_core::signing::Algorithm;
use serde_json::{Value, json};

use crate::app::{ISSUER, TestApp};

/// Header and payload of a token, unverified.
fn parts(token: &str) -> (Value, Value) {
    let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    let mut next = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (next(), next())
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<_> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

#[tokio::test]
async fn a_token_has_the_claims_of_the_contract_and_no_others() {
    let app = TestApp::start().await;
    let id = &app.owner.id;
    let (header, payload) = parts(&app.token(&app.owner).await);

    let kid = header["kid"].as_str().unwrap();
    assert!(is_uuid(kid), "{kid}");
    assert_eq!(header, json!({"alg": "ES256", "typ": "JWT", "kid": kid}));

    let token_id = payload["jti"].as_str().unwrap();
    assert!(is_uuid(token_id), "{token_id}");
    let status = &payload["status"]["status_list"];
    let list =
        status["uri"].as_str().unwrap().strip_prefix("http://tokens.example.com/statuslists/");
    assert!(list.unwrap().parse::<u64>().is_ok(), "{status}");
    assert!(status["idx"].is_u64(), "{status}");
    assert_eq!(
        payload,
        json!({
            "iss": ISSUER,
            "aud": "api://admin",
            "sub": id,
            "cid": id,
            "client_id": id,
            "actorId": id,
            "iat": 1_740_819_600,
            "exp": 1_740_819_600 + 3600,
            "jti": token_id,
            "status": {"status_list": {"idx": status["idx"], "uri": status["uri"]}},
        })
    );
}

/// Over the end of several blocks of status bits, and for two secrets of one account.
#[tokio::test]
async fn no_two_tokens_share_a_name_or_a_status_bit() {
    let app = TestApp::start().await;
    let (mut names, mut bits) = (HashSet::new(), HashSet::new());
    for secret in &app.neighbour.secrets {
        for _ in 0..200 {
            let (_, payload) = parts(&app.token_by(&app.neighbour, secret).await);
            assert!(names.insert(payload["jti"].to_string()), "{payload}");
            assert!(bits.insert(payload["status"].to_string()), "{payload}");
        }
    }
}

/// The keys come over the wire too. The library knows no ES512: `interop/` verifies that.
#[tokio::test]
async fn a_token_is_verified_with_the_published_keys_alone() {
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa] {
        let app = TestApp::start_with(ISSUER, algorithm).await;
        let token = app.token(&app.owner).await;
        let header = decode_header(&token).unwrap();
        let answer = app.get("/.well-known/jwks.json").send().await;
        let keys: JwkSet = serde_json::from_slice(&answer.body).unwrap();
        let key = DecodingKey::from_jwk(keys.find(&header.kid.unwrap()).unwrap()).unwrap();
        let mut validation = Validation::new(algorithm.as_str().parse().unwrap());
        validation.set_audience(&["api://admin"]);
        validation.set_issuer(&[ISSUER]);
        validation.validate_exp = false; // the token is of 2025
        let read = decode::<Value>(&token, &key, &validation).unwrap();
        assert_eq!(read.claims["sub"], app.owner.id, "{algorithm}");

        let cut = token.rfind('.').unwrap();
        let forged = format!("{}A{}", &token[..cut - 1], &token[cut..]);
        assert!(forged == token || decode::<Value>(&forged, &key, &validation).is_err());
    }
}

#[tokio::test]
async fn an_es512_token_has_the_signature_of_132_bytes_that_the_contract_shows() {
    let app = TestApp::start_with(ISSUER, Algorithm::Es512).await;
    let token = app.token(&app.owner).await;
    let (header, _) = parts(&token);
    assert_eq!(header["alg"], "ES512");
    let signature = token.rsplit('.').next().unwrap();
    assert_eq!(URL_SAFE_NO_PAD.decode(signature).unwrap().len(), 132);
    assert!(app.is_alive(&app.owner, &token).await);
}
