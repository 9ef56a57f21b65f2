//! From where, and with which rights, an API key is used: access lists hold as they do for service
//! accounts (service-accounts-api.md 7), roles are those of the moment.

use serde_json::{Value, json};

use super::{
    ORGS,
    client::{Key, fresh_nonce},
};
use crate::{app::TestApp, call::Answer};

async fn ask_from(app: &TestApp, key: &Key, address: &str) -> Answer {
    let proof = key.proof(&fresh_nonce(app).await, "GET", ORGS);
    app.get(ORGS).header("authorization", proof.header()).from(address).send().await
}

#[tokio::test]
async fn a_list_keeps_all_others_out() {
    let app = TestApp::start().await;
    let owner = Key::make(&app, &["ORG_OWNER"]).await;
    let key = Key::make(&app, &["ORG_MEMBER"]).await;
    let list = format!("{ORGS}/{}/apiKeys/{}/accessList", app.owner.org_id, key.id);
    assert_eq!(ask_from(&app, &key, "192.0.2.9").await.status, 200, "an empty list");
    let entries = json!([{"ipAddress": "198.51.100.7"}, {"cidrBlock": "2001:db8::/32"}]);
    assert_eq!(owner.ask(&app, "POST", &list, &entries).await.status, 200);
    let rows = [
        ("198.51.100.7", true),
        ("198.51.100.8", false),
        ("2001:db8::1", true),
        ("2001:db9::1", false),
    ];
    for (address, let_in) in rows {
        let answer = ask_from(&app, &key, address).await;
        if let_in {
            assert_eq!(answer.status, 200, "{address}");
        } else {
            assert_eq!(answer.status, 403, "{address}");
            assert_eq!(answer.json()["errorCode"], "IP_ADDRESS_NOT_ON_ACCESS_LIST", "{address}");
            assert_eq!(answer.json()["parameters"], json!([address]));
            assert_eq!(answer.lines("www-authenticate"), [""; 0], "{address}");
        }
    }
    // Whoever cannot prove the key does not learn of its list.
    let stolen = Key { private: "x".to_owned(), ..key };
    assert_eq!(ask_from(&app, &stolen, "198.51.100.8").await.status, 401);
}

#[tokio::test]
async fn where_a_list_is_required_a_key_without_one_is_let_in_nowhere() {
    let app = TestApp::start().await;
    let owner = Key::make(&app, &["ORG_OWNER"]).await;
    let key = Key::make(&app, &["ORG_MEMBER"]).await;
    let one = format!("{ORGS}/{}", app.owner.org_id);
    let list = format!("{one}/apiKeys/{}/accessList", owner.id);
    // What comes from nowhere is taken to come from here.
    let nowhere = json!([{"cidrBlock": "0.0.0.0/8"}]);
    assert_eq!(owner.ask(&app, "POST", &list, &nowhere).await.status, 200);
    let required = json!({"apiAccessListRequired": true});
    let answer = owner.ask(&app, "PATCH", &format!("{one}/settings"), &required).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = ask_from(&app, &key, "192.0.2.9").await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.json()["errorCode"], "RESOURCE_REQUIRES_ACCESS_LIST");
    assert_eq!(ask_from(&app, &owner, "0.0.0.9").await.status, 200);
}

/// "Role changes act at once", and so does a key's end.
#[tokio::test]
async fn what_a_key_may_do_is_looked_up_for_every_request() {
    let app = TestApp::start().await;
    let owner = Key::make(&app, &["ORG_OWNER"]).await;
    let key = Key::make(&app, &["ORG_MEMBER"]).await;
    let one = format!("{ORGS}/{}/apiKeys/{}", app.owner.org_id, key.id);
    let events = format!("{ORGS}/{}/events", app.owner.org_id);
    let refused = key.ask(&app, "GET", &events, &Value::Null).await;
    assert_eq!((refused.status, &refused.json()["errorCode"]), (401, &json!("NOT_ORG_OWNER")));
    let promoted = owner.ask(&app, "PATCH", &one, &json!({"roles": ["ORG_OWNER"]})).await;
    assert_eq!(promoted.status, 200);
    assert_eq!(key.ask(&app, "GET", &events, &Value::Null).await.status, 200);
    assert_eq!(key.ask(&app, "DELETE", &one, &Value::Null).await.outcome(), (204, ""));
    let answer = key.ask(&app, "GET", ORGS, &Value::Null).await;
    assert_eq!((answer.status, &answer.json()["errorCode"]), (401, &json!("UNEXPECTED_ERROR")));
}

/// "An event whose actor is a key shows `apiKeyId` and `publicKey`, beside `remoteAddress`."
#[tokio::test]
async fn an_event_says_which_key_did_it() {
    let app = TestApp::start().await;
    let key = Key::make(&app, &["ORG_OWNER"]).await;
    let one = format!("{ORGS}/{}", app.owner.org_id);
    let renamed = json!({"name": "renamed"});
    assert_eq!(key.ask(&app, "PATCH", &one, &renamed).await.status, 200);
    let events = key.ask(&app, "GET", &format!("{one}/events"), &Value::Null).await;
    let event = &events.json()["results"][0];
    assert_eq!(event["actor"], key.id);
    assert_eq!(event["apiKeyId"], key.id);
    assert_eq!(event["publicKey"], key.public);
    assert_eq!(event["remoteAddress"], "0.0.0.0");
    assert!(!events.text().contains(&key.private[..23]), "{}", events.text());
    let by_an_account = &events.json()["results"][1];
    assert_eq!(by_an_account["eventTypeName"], "API_KEY_CREATED");
    assert_eq!(by_an_account["actor"], app.owner.id);
    assert!(by_an_account.get("apiKeyId").is_none() && by_an_account.get("publicKey").is_none());
}

/// clients.md 4, row "other tools".
#[tokio::test]
async fn whoever_fills_an_access_list_can_ask_where_it_is() {
    let app = TestApp::start().await;
    let key = Key::make(&app, &["ORG_MEMBER"]).await;
    let target = "/api/private/ipinfo";
    for address in ["198.51.100.7", "2001:db8::1"] {
        let expected = format!(r#"{{"currentIpv4Address":"{address}"}}"#);
        let proof = key.proof(&fresh_nonce(&app).await, "GET", target);
        let token = app.token(&app.neighbour).await;
        let by_key = app.get(target).header("authorization", proof.header());
        for call in [by_key, app.get(target).bearer(&token)] {
            let answer = call.from(address).send().await;
            assert_eq!(answer.outcome(), (200, &*expected));
            assert_eq!(answer.lines("content-type"), ["application/json"]);
        }
    }
    let answer = app.get(target).send().await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.lines("www-authenticate").len(), 3);
}
