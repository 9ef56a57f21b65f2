//! What a 401 says, to the letter.

use std::collections::HashSet;

use super::{
    ORGS,
    client::{Key, fresh_nonce, nonce},
};
use crate::{
    app::{INTROSPECT, REVOKE, TOKEN, TestApp},
    call::Answer,
};

/// The lines of a 401 with its nonce taken out.
fn lines(answer: &Answer) -> Vec<String> {
    let nonce = nonce(answer);
    answer.lines("www-authenticate").iter().map(|line| line.replace(&nonce, "{nonce}")).collect()
}

const MD5: &str = r#"Digest realm="MMS Public API", domain="", nonce="{nonce}", algorithm=MD5, qop="auth", stale=false"#;
const SHA_256: &str = r#"Digest realm="MMS Public API", domain="", nonce="{nonce}", algorithm=SHA-256, qop="auth", stale=false"#;
const BEARER: &str = r#"Bearer realm="MMS Public API""#;

/// conventions.md 1.1: the printed line first, with `qop`; RFC 7616 section 3.7: then the better
/// hash, with the same nonce; then tokens.
#[tokio::test]
async fn a_401_of_the_api_offers_both_hashes_and_tokens() {
    let app = TestApp::start().await;
    let member = Key::make(&app, &["ORG_MEMBER"]).await;
    for root in ["/api/public/v1.0", "/api/atlas/v2"] {
        for path in ["", "/", "/orgs", "/groups/"] {
            let target = format!("{root}{path}");
            let get = || app.get(&target);
            let mut wrong = member.proof(&fresh_nonce(&app).await, "GET", &target);
            wrong.password = "another".to_owned();
            let rows = [
                ("nothing", get(), BEARER),
                ("Basic", get().by(&app.owner), BEARER),
                ("half of it", get().header("authorization", "Digest username=\"x\""), BEARER),
                ("a wrong response", get().header("authorization", wrong.header()), BEARER),
                (
                    "a wrong token",
                    get().bearer("x"),
                    r#"Bearer realm="MMS Public API", error="invalid_token""#,
                ),
            ];
            for (row, call, bearer) in rows {
                let answer = call.send().await;
                assert_eq!(lines(&answer), [MD5, SHA_256, bearer], "{row} at {target}");
            }
        }
    }
    // conventions.md 2.3: a role that is lacking is a 401 in this family.
    let events = format!("{ORGS}/{}/events", app.owner.org_id);
    let answer = member.ask(&app, "GET", &events, &serde_json::Value::Null).await;
    assert_eq!(answer.json()["errorCode"], "NOT_ORG_OWNER");
    assert_eq!(lines(&answer), [MD5, SHA_256, BEARER]);
}

/// Row "nonce": "opaque, fresh". A client writes it into a quoted string as it is.
#[tokio::test]
async fn no_two_challenges_have_one_nonce() {
    let app = TestApp::start().await;
    let mut seen = HashSet::new();
    for _ in 0..100 {
        let nonce = fresh_nonce(&app).await;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        assert!(nonce.len() >= 32 && nonce.bytes().all(plain), "{nonce}");
        assert!(seen.insert(nonce));
    }
}

/// oauth-endpoints.md 3: these endpoints print what the contract prints, `op` for `qop`, and take
/// no API key.
#[tokio::test]
async fn the_oauth_endpoints_take_no_api_key() {
    let app = TestApp::start().await;
    let key = Key::make(&app, &["ORG_OWNER"]).await;
    let token = app.token(&app.owner).await;
    for path in [TOKEN, REVOKE, INTROSPECT] {
        let proof = key.proof(&fresh_nonce(&app).await, "POST", path);
        let form = format!("grant_type=client_credentials&token={token}");
        let call = app.post(path).header("authorization", proof.header()).form(&form);
        let answer = call.send().await;
        assert_eq!(answer.status, 401, "{path}");
        assert_eq!(answer.json()["error"], "invalid_client", "{path}");
        let [digest, basic] = answer.lines("www-authenticate")[..] else {
            panic!("{:?}", answer.headers)
        };
        assert!(digest.ends_with(r#"", algorithm=MD5, op="auth", stale=false"#), "{digest}");
        assert_eq!(basic, r#"Basic realm="MMS Public API""#);
    }
    assert!(app.is_alive(&app.owner, &token).await);
}

/// The feed, too, is for tokens: its followers are told when theirs is dead.
#[tokio::test]
async fn the_feed_takes_no_api_key() {
    let app = TestApp::start().await;
    let key = Key::make(&app, &["ORG_OWNER"]).await;
    let account = format!("/api/oauth/accounts/{}", app.owner.id);
    for path in ["/api/oauth/feed", "/api/oauth/revocations/1", &account] {
        let proof = key.proof(&fresh_nonce(&app).await, "GET", path);
        let answer = proof.send(&app).await;
        assert_eq!(answer.status, 401, "{path}");
        let [digest, bearer] = answer.lines("www-authenticate")[..] else {
            panic!("{:?}", answer.headers)
        };
        assert!(digest.ends_with(r#"", algorithm=MD5, op="auth", stale=false"#), "{digest}");
        assert_eq!(bearer, BEARER);
    }
}
