//! Organizations and projects (service-accounts-api.md 10), and the root (conventions.md 1).

use serde_json::{Value, json};

use super::{
    literal::{denied, invalid, missing, no_group, no_org, read_only},
    stage::{ROOTS, Stage, assert_refused},
};
use crate::app::ISSUER;

#[tokio::test]
async fn the_root_says_what_answers() {
    let stage = Stage::start().await;
    for root in ROOTS {
        for slash in ["", "/"] {
            let target = format!("{root}{slash}");
            let answer = stage.ask(&stage.owner, "GET", &target, &Value::Null).await;
            assert_eq!(answer.status, 200, "{target}: {}", answer.text());
            let body = answer.json();
            assert_eq!(body["throttling"], false, "{target}");
            assert_eq!(body["appName"], "MongoDB Cloud", "{target}");
            assert!(body["build"].is_string(), "{target}");
            assert_eq!(
                body["links"],
                json!([{"href": format!("{ISSUER}{root}"), "rel": "self"}]),
                "{target}"
            );
        }
    }
}

/// conventions.md 4: what is shown links to itself below the root that it was asked for.
#[tokio::test]
async fn a_thing_links_to_itself_in_the_family_of_the_request() {
    let stage = Stage::start().await;
    let keys = format!("/orgs/{}/apiKeys", stage.org);
    let made = stage.post(&keys, json!({"desc": "a key", "roles": ["ORG_MEMBER"]})).await.json();
    let key = format!("{keys}/{}", made["id"].as_str().unwrap());
    for root in ROOTS {
        for path in
            [format!("/orgs/{}", stage.org), format!("/groups/{}", stage.group), key.clone()]
        {
            let target = format!("{root}{path}");
            let shown = stage.ask(&stage.owner, "GET", &target, &Value::Null).await.json();
            assert_eq!(shown["links"][0]["href"], format!("{ISSUER}{target}"));
        }
    }
}

/// Section 2: an id is 24 lower-case hexadecimal digits.
#[tokio::test]
async fn a_project_is_made_in_an_organization_named_in_lower_case() {
    let stage = Stage::start().await;
    let shouted = stage.org.to_uppercase();
    let body = json!({"name": "second", "orgId": shouted});
    stage.refuses("capitals", ("POST", "/groups", body), &no_org(&shouted)).await;
}

/// A project is made, renamed, and ends; the accounts assigned to it do not.
#[tokio::test]
async fn a_project_lives_and_ends() {
    let stage = Stage::start().await;
    let made = stage.post("/groups", json!({"name": "second", "orgId": stage.org})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    assert_eq!((&made["name"], &made["orgId"]), (&json!("second"), &json!(stage.org)));
    let id = made["id"].as_str().unwrap();
    let path = format!("/groups/{id}");
    assert_eq!(stage.get(&path).await.json(), made);
    let account = stage.account(&["ORG_MEMBER"]).await;
    let invite = format!("{path}/serviceAccounts/{}:invite", account.id);
    assert_eq!(stage.post(&invite, json!({"roles": ["GROUP_OWNER"]})).await.status, 200);
    let token = stage.token(&account).await;

    let renamed = stage.patch(&path, json!({"name": "third"})).await;
    assert_eq!((renamed.status, &renamed.json()["name"]), (200, &json!("third")));
    assert_eq!(stage.delete(&path).await.outcome(), (204, ""));
    for (method, body) in
        [("GET", Value::Null), ("PATCH", json!({"name": "x"})), ("DELETE", Value::Null)]
    {
        stage.refuses(method, (method, &path, body), &no_group(id)).await;
    }
    let accounts = format!("{path}/serviceAccounts");
    stage.refuses("P1", ("GET", &accounts, Value::Null), &no_group(id)).await;
    assert!(stage.opens(&token).await);
    let groups = format!("{}/{}/groups", stage.of_org(), account.id);
    assert_eq!(stage.get(&groups).await.json()["totalCount"], 0);
}

/// Fields of projects and organizations follow the rules of section 2.1.
#[tokio::test]
async fn a_name_is_a_name_here_too() {
    let stage = Stage::start().await;
    let (org, group) = (format!("/orgs/{}", stage.org), format!("/groups/{}", stage.group));
    let rows = [
        ("POST", "/groups", json!({"name": "a"}), missing("orgId")),
        ("POST", "/groups", json!({"orgId": stage.org}), missing("name")),
        ("POST", "/groups", json!({"name": "a", "orgId": "1"}), no_org("1")),
        ("POST", "/groups", json!({"name": "a", "orgId": 1}), invalid("orgId")),
        ("POST", "/groups", json!({"name": "a;", "orgId": stage.org}), invalid("name")),
        ("POST", "/groups", json!({"name": "a", "orgId": stage.org, "b": 1}), invalid("b")),
        ("PATCH", &org, json!({}), missing("name")),
        ("PATCH", &org, json!({"name": ""}), invalid("name")),
        ("PATCH", &org, json!({"name": "a", "isDeleted": true}), read_only("isDeleted")),
        ("PATCH", &group, json!({}), missing("name")),
        ("PATCH", &group, json!({"name": "n".repeat(65)}), invalid("name")),
        ("PATCH", &group, json!({"name": "a", "orgId": stage.org}), invalid("orgId")),
    ];
    for (method, path, body, expected) in rows {
        let row = format!("{body} to {method} {path}");
        stage.refuses(&row, (method, path, body), &expected).await;
    }
}

/// Section 10, row "org settings": what is absent stays, and what cannot be is refused.
#[tokio::test]
async fn settings_are_changed_one_by_one() {
    let stage = Stage::start().await;
    let path = format!("/orgs/{}/settings", stage.org);
    assert_eq!(stage.get(&path).await.json()["apiAccessListRequired"], false);
    let hours = "maxServiceAccountSecretValidityInHours";
    for body in [json!({hours: 8}), json!({hours: 8766}), json!({}), json!({hours: 100})] {
        assert_eq!(stage.patch(&path, body.clone()).await.status, 200, "{body}");
    }
    assert_eq!(stage.patch(&path, json!({"apiAccessListRequired": false})).await.status, 200);
    let expected = json!({"apiAccessListRequired": false, hours: 100});
    assert_eq!(stage.get(&path).await.json(), expected);
    #[rustfmt::skip]
    let rows = [
        (json!({hours: 7}),                          hours),
        (json!({hours: 8767}),                       hours),
        (json!({hours: -1}),                         hours),
        (json!({hours: 8.5}),                        hours),
        (json!({"apiAccessListRequired": "true"}),   "apiAccessListRequired"),
        (json!({"apiAccessListRequired": 1}),        "apiAccessListRequired"),
        (json!({hours: 9, "multiFactor": true}),     "multiFactor"),
    ];
    for (body, field) in rows {
        let row = body.to_string();
        stage.refuses(&row, ("PATCH", &path, body), &invalid(field)).await;
    }
    assert_eq!(stage.get(&path).await.json(), expected);
}

/// Null, and nothing else, takes the limit of an organization away.
#[tokio::test]
async fn the_longest_life_of_secrets_can_be_unset() {
    let stage = Stage::start().await;
    let account = stage.account(&["ORG_MEMBER"]).await;
    let secrets = format!("{}/{}/secrets", stage.of_org(), account.id);
    let longest = json!({"secretExpiresAfterHours": 8766});
    let hours = "maxServiceAccountSecretValidityInHours";
    for root in ROOTS {
        let path = format!("{root}/orgs/{}/settings", stage.org);
        let set = async |body| stage.ask(&stage.owner, "PATCH", &path, &body).await.json();
        let limited = json!({"apiAccessListRequired": false, hours: 100});
        assert_eq!(set(json!({hours: 100})).await, limited);
        assert_eq!(set(json!({"apiAccessListRequired": null})).await, limited);
        let too_long = invalid("secretExpiresAfterHours");
        stage.refuses(root, ("POST", &secrets, longest.clone()), &too_long).await;
        assert_eq!(set(json!({hours: null})).await, json!({"apiAccessListRequired": false}));
    }
    assert_eq!(stage.post(&secrets, longest).await.status, 201);
}

/// An organization ends with all that it owns, the token that ended it among them.
#[tokio::test]
async fn an_organization_ends_with_its_tokens() {
    let stage = Stage::start().await;
    let account = stage.account(&["GROUP_OWNER"]).await;
    let token = stage.token(&account).await;
    let stranger = stage.app.token(&stage.app.stranger).await;
    assert_eq!(stage.delete(&format!("/orgs/{}", stage.org)).await.outcome(), (204, ""));
    assert!(!stage.opens(&token).await && !stage.opens(&stage.owner).await);
    assert_eq!(stage.issue(&account.id, &account.secret).await.status, 401);
    assert!(stage.opens(&stranger).await, "the others stay");
}

/// Who may: section 8's owners; a project creator owns what it made.
#[tokio::test]
async fn organizations_and_projects_are_changed_by_their_owners() {
    let stage = Stage::start().await;
    let (org, group) = (format!("/orgs/{}", stage.org), format!("/groups/{}", stage.group));
    let settings = format!("{org}/settings");
    let new = json!({"name": "a", "orgId": stage.org});
    for role in ["ORG_MEMBER", "ORG_READ_ONLY", "GROUP_USER_ADMIN", "ORG_BILLING_ADMIN"] {
        let token = stage.token(&stage.account(&[role]).await).await;
        let of_group = match role {
            "ORG_READ_ONLY" | "GROUP_USER_ADMIN" => "USER_UNAUTHORIZED",
            _ => "NOT_IN_GROUP",
        };
        let rows = [
            ("PATCH", &*org, json!({"name": "a"}), "NOT_ORG_OWNER"),
            ("DELETE", &*org, Value::Null, "NOT_ORG_OWNER"),
            ("PATCH", &*settings, json!({}), "NOT_ORG_OWNER"),
            ("POST", "/groups", new.clone(), "NOT_ORG_OWNER"),
            ("PATCH", &*group, json!({"name": "a"}), of_group),
            ("DELETE", &*group, Value::Null, of_group),
        ];
        let head = stage.app.log_head().await;
        for (method, path, body, code) in rows {
            for (root, status) in ROOTS.into_iter().zip([401, 403]) {
                let which = format!("{role}: {method} {root}{path}");
                let answer = stage.ask(&token, method, &format!("{root}{path}"), &body).await;
                assert_refused(&which, &answer, &denied(status, code));
            }
        }
        assert_eq!(stage.app.log_head().await, head, "{role}");
    }
    let creator = stage.token(&stage.account(&["ORG_GROUP_CREATOR"]).await).await;
    let made = stage.ask(&creator, "POST", &format!("{}/groups", ROOTS[0]), &new).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let own = format!("{}/groups/{}", ROOTS[0], made.json()["id"].as_str().unwrap());
    let renamed = stage.ask(&creator, "PATCH", &own, &json!({"name": "b"})).await;
    assert_eq!(renamed.status, 200, "{}", renamed.text());
}
