//! `POST /orgs`: an organization that begins with an account, a key, or both.

use serde_json::{Value, json};

use super::{
    literal::{denied, invalid, missing, no_org, read_only, refusal},
    stage::{ATLAS, PUBLIC, ROOTS, Stage, assert_refused},
};
use crate::{app::ISSUER, digest::client::Key};

fn account() -> Value {
    json!({
        "name": "first",
        "description": "Whoever begins",
        "roles": ["ORG_OWNER"],
        "secretExpiresAfterHours": 8,
    })
}

fn key() -> Value {
    json!({"desc": "first", "roles": ["ORG_OWNER"]})
}

/// The shape of Atlas: secret and private key in the clear, this once; absent parts left out.
#[tokio::test]
async fn a_new_organization_shows_who_can_enter_it() {
    let stage = Stage::start().await;
    for root in ROOTS {
        let rows = [
            json!({"name": "new", "serviceAccount": account(), "apiKey": key()}),
            json!({"name": "new", "serviceAccount": account()}),
            json!({"name": "new", "apiKey": key(), "serviceAccount": null}),
        ];
        for body in rows {
            let target = format!("{root}/orgs");
            let answer = stage.ask(&stage.owner, "POST", &target, &body).await;
            assert_eq!(answer.status, 201, "{body}: {}", answer.text());
            let made = answer.json();
            let id = made["organization"]["id"].as_str().unwrap();
            let href = format!("{ISSUER}{root}/orgs/{id}");
            let links = json!([{"href": href, "rel": "self"}]);
            let expected = json!({"id": id, "isDeleted": false, "links": links, "name": "new"});
            assert_eq!(made["organization"], expected);
            for part in ["serviceAccount", "apiKey"] {
                let asked_for = body.get(part).is_some_and(|part| !part.is_null());
                assert_eq!(made.get(part).is_some(), asked_for, "{part} of {body}");
            }

            let seen = json!([id]);
            let ids = |list: &Value| -> Value {
                list["results"].as_array().unwrap().iter().map(|org| org["id"].clone()).collect()
            };
            if let Some(made) = made.get("serviceAccount") {
                assert_eq!(made["roles"], json!(["ORG_OWNER"]));
                let secret = made["secrets"][0]["secret"].as_str().unwrap();
                let issued = stage.issue(made["clientId"].as_str().unwrap(), secret).await.json();
                let token = issued["access_token"].as_str().unwrap();
                let list = stage.ask(token, "GET", &target, &Value::Null).await.json();
                assert_eq!(ids(&list), seen);
            }
            if let Some(made) = made.get("apiKey") {
                let role = json!([{"orgId": id, "roleName": "ORG_OWNER"}]);
                assert_eq!(made["roles"], role);
                let list = Key::of(made).ask(&stage.app, "GET", &target, &Value::Null).await;
                assert_eq!(ids(&list.json()), seen);
            }
            // "The caller gets no rights in the new one."
            let foreign = stage.get(&format!("/orgs/{id}")).await;
            assert_refused("its maker", &foreign, &no_org(id));
            assert_eq!(stage.get("/orgs").await.json()["totalCount"], 1);
        }
    }
}

/// "At least one of the two is required and must be an `ORG_OWNER`: nobody could enter it
/// otherwise." Fields of both parts follow the rules that they have elsewhere.
#[tokio::test]
async fn nothing_is_made_of_a_bad_request() {
    let stage = Stage::start().await;
    let with = |part: &str, name: &str, value: Value| {
        let mut body = json!({"name": "new", "serviceAccount": account(), "apiKey": key()});
        body[part][name] = value;
        body
    };
    let member = json!(["ORG_MEMBER"]);
    let mut low_account = account();
    low_account["roles"] = member.clone();
    let low_key = json!({"desc": "first", "roles": member});
    #[rustfmt::skip]
    let rows = [
        (json!({"name": "new"}),                                            missing("serviceAccount")),
        (json!({"name": "new", "apiKey": null}),                            missing("serviceAccount")),
        (json!({"apiKey": key()}),                                          missing("name")),
        (json!({"name": "", "apiKey": key()}),                              invalid("name")),
        (json!({"name": "n".repeat(65), "apiKey": key()}),                  invalid("name")),
        (json!({"name": "new", "apiKey": "x"}),                             invalid("apiKey")),
        (json!({"name": "new", "serviceAccount": [account()]}),             invalid("serviceAccount")),
        (json!({"name": "new", "apiKey": low_key}),                         invalid("roles")),
        (json!({"name": "new", "serviceAccount": low_account}),             invalid("roles")),
        (json!({"name": "new", "serviceAccount": low_account, "apiKey": low_key}), invalid("roles")),
        (json!({"name": "new", "apiKey": key(), "orgOwnerId": "x"}),        invalid("orgOwnerId")),
        (json!({"name": "new", "apiKey": key(), "id": "x"}),                read_only("id")),
        (with("serviceAccount", "name", json!("a/b")),                      invalid("name")),
        (with("serviceAccount", "secretExpiresAfterHours", json!(7)),       invalid("secretExpiresAfterHours")),
        (with("serviceAccount", "secretExpiresAfterHours", Value::Null),    missing("secretExpiresAfterHours")),
        (with("serviceAccount", "clientId", json!("x")),                    read_only("clientId")),
        (with("apiKey", "desc", Value::Null),                               missing("desc")),
        (with("apiKey", "name", json!("x")),                                invalid("name")),
        (with("apiKey", "roles", json!(["GROUP_OWNER"])),                   refusal(400, "ROLE_NEEDS_GROUP_ID", "Role GROUP_OWNER requires a group ID.", &["GROUP_OWNER"])),
    ];
    for (body, expected) in rows {
        stage.refuses(&body.to_string(), ("POST", "/orgs", body.clone()), &expected).await;
    }
    // One owner is enough.
    let body = json!({"name": "new", "serviceAccount": low_account, "apiKey": key()});
    assert_eq!(stage.post("/orgs", body).await.status, 201);
}

/// "Allowed to an `ORG_OWNER` of any organization."
#[tokio::test]
async fn owners_of_an_organization_make_another() {
    let stage = Stage::start().await;
    let body = json!({"name": "new", "apiKey": key()});
    let head = stage.app.log_head().await;
    let member = stage.app.token(&stage.app.neighbour).await;
    let head_after_token = stage.app.log_head().await;
    for (root, status) in [(PUBLIC, 401), (ATLAS, 403)] {
        let answer = stage.ask(&member, "POST", &format!("{root}/orgs"), &body).await;
        assert_refused(root, &answer, &denied(status, "NOT_ORG_OWNER"));
    }
    assert_eq!(stage.app.log_head().await, head_after_token, "began at {head:?}");
    let owner = Key::make(&stage.app, &["ORG_OWNER"]).await;
    let answer = owner.ask(&stage.app, "POST", &format!("{PUBLIC}/orgs"), &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let stranger = stage.app.token(&stage.app.stranger).await;
    let answer = stage.ask(&stranger, "POST", &format!("{PUBLIC}/orgs"), &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}

/// What happened in it is told to those who own it, and says who made it.
#[tokio::test]
async fn a_new_organization_knows_who_made_it() {
    let stage = Stage::start().await;
    let body = json!({"name": "new", "apiKey": key(), "serviceAccount": account()});
    let made = stage.post("/orgs", body).await.json();
    let id = made["organization"]["id"].as_str().unwrap();
    let events = format!("{PUBLIC}/orgs/{id}/events");
    let events = Key::of(&made["apiKey"]).ask(&stage.app, "GET", &events, &Value::Null).await;
    let events = events.json();
    let results = events["results"].as_array().unwrap();
    let mut types: Vec<_> =
        results.iter().map(|event| event["eventTypeName"].as_str().unwrap()).collect();
    types.sort_unstable();
    assert_eq!(types, ["API_KEY_CREATED", "ORGANIZATION_CREATED", "SERVICE_ACCOUNT_CREATED"]);
    assert!(results.iter().all(|event| event["actor"] == stage.app.owner.id), "{events}");
}
