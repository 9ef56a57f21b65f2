//! `--api-keys off`.

use serde_json::{Value, json};

use super::{
    ORGS,
    client::{Key, with_json},
};
use crate::{app::TestApp, call::Answer};

async fn ask(app: &TestApp, method: &str, target: &str, body: &Value) -> Answer {
    let token = app.token(&app.owner).await;
    with_json(app.call(method, target).bearer(&token), body).send().await
}

/// The line of the contract to the letter, `op` for `qop`, and no key is taken.
#[tokio::test]
async fn no_digest_is_offered_and_none_is_taken() {
    let (app, key) = with_a_key().await;
    let app = app.restart_without_api_keys().await;
    let nonce = {
        let answer = app.get(ORGS).send().await;
        let [digest, bearer] = answer.lines("www-authenticate")[..] else {
            panic!("{:?}", answer.headers)
        };
        let nonce = digest.split('"').nth(5).unwrap().to_owned();
        let expected = r#"Digest realm="MMS Public API", domain="", nonce="{nonce}", algorithm=MD5, op="auth", stale=false"#;
        assert_eq!(digest.replace(&nonce, "{nonce}"), expected);
        assert_eq!(bearer, r#"Bearer realm="MMS Public API""#);
        nonce
    };
    let proof = key.proof(&nonce, "GET", ORGS);
    let answer = proof.send(&app).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.lines("www-authenticate").len(), 2);
    assert!(answer.lines("www-authenticate")[0].ends_with(r#"op="auth", stale=false"#));
}

/// Those that there are can be seen, limited and deleted; no other is made.
#[tokio::test]
async fn keys_can_be_cleared_away_and_not_made() {
    let (app, key) = with_a_key().await;
    let app = app.restart_without_api_keys().await;
    let keys = format!("{ORGS}/{}/apiKeys", app.owner.org_id);
    let listed = ask(&app, "GET", &keys, &Value::Null).await;
    assert_eq!((listed.status, &listed.json()["results"][0]["id"]), (200, &json!(key.id)));
    let head = app.log_head().await;
    let new = json!({"desc": "another", "roles": ["ORG_MEMBER"]});
    let org = json!({"name": "another", "apiKey": {"desc": "x", "roles": ["ORG_OWNER"]}});
    for (target, body) in [(&*keys, new), (ORGS, org)] {
        let answer = ask(&app, "POST", target, &body).await;
        let expected = r#"{"detail":"This server takes no API keys: use a service account instead.","error":403,"errorCode":"API_KEYS_DISABLED","parameters":[],"reason":"Forbidden"}"#;
        assert_eq!(answer.outcome(), (403, expected), "{target}");
    }
    assert_eq!(app.log_head().await, head);
    let one = format!("{keys}/{}", key.id);
    let lower = json!({"roles": ["ORG_READ_ONLY"]});
    assert_eq!(ask(&app, "PATCH", &one, &lower).await.status, 200);
    assert_eq!(ask(&app, "DELETE", &one, &Value::Null).await.outcome(), (204, ""));
    assert_eq!(ask(&app, "GET", &keys, &Value::Null).await.json()["totalCount"], 0);
}

async fn with_a_key() -> (TestApp, Key) {
    let app = TestApp::start().await;
    let key = Key::make(&app, &["ORG_OWNER"]).await;
    assert_eq!(key.ask(&app, "GET", ORGS, &Value::Null).await.status, 200);
    (app, key)
}
