//! Making, showing, changing and ending accounts (service-accounts-api.md 2.2, 3 and 4).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    literal::{missing, no_resource, refusal},
    stage::{ATLAS, PUBLIC, Stage, new_account},
};

fn fields(object: &Value) -> BTreeSet<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The tables of section 2.2: what is there, what is not, and in which form.
#[tokio::test]
async fn an_account_shows_its_secret_once_and_a_mask_ever_after() {
    let stage = Stage::start().await;
    let account_fields =
        BTreeSet::from(["clientId", "createdAt", "description", "name", "roles", "secrets"]);
    let plain = BTreeSet::from(["createdAt", "expiresAt", "id", "secret"]);
    let masked = BTreeSet::from(["createdAt", "expiresAt", "id", "maskedSecretValue"]);
    for (scope, role) in [(stage.of_org(), "ORG_READ_ONLY"), (stage.of_group(), "GROUP_OWNER")] {
        let answer = stage.post(&scope, new_account(&[role])).await;
        assert_eq!(answer.status, 201);
        let created = answer.json();
        assert_eq!(fields(&created), account_fields);
        assert_eq!(created["createdAt"], "2025-03-01T09:00:00Z");
        assert_eq!(created["description"], "Nightly inventory export");
        assert_eq!(created["name"], "inventory-export");
        assert_eq!(created["roles"], json!([role]));
        let id = created["clientId"].as_str().unwrap();
        let digits = id.strip_prefix("mdb_sa_id_").unwrap();
        assert!(is_hex(digits), "{id}");
        let [secret] = &created["secrets"].as_array().unwrap()[..] else { panic!("{created}") };
        assert_eq!(fields(secret), plain);
        assert!(is_hex(secret["id"].as_str().unwrap()), "{secret}");
        let text = secret["secret"].as_str().unwrap();
        assert_eq!(text.len(), "mdb_sa_sk_".len() + 40, "{text}");
        let opaque = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        assert!(text.starts_with("mdb_sa_sk_") && text.bytes().all(opaque), "{text}");

        let one = format!("{scope}/{id}");
        let patch = json!({"roles": [role]});
        for later in [
            stage.get(&one).await.json(),
            stage.patch(&one, patch).await.json(),
            listed(&stage, &scope, id).await,
        ] {
            assert_eq!(fields(&later), account_fields);
            let shown = &later["secrets"][0];
            assert_eq!(fields(shown), masked);
            let mask = format!("mdb_sa_sk_...{}", &text[text.len() - 4..]);
            assert_eq!(shown["maskedSecretValue"], mask);
            assert_eq!(shown["id"], secret["id"]);
            assert_eq!(shown["expiresAt"], secret["expiresAt"]);
        }
    }
}

/// The account as the list of its scope shows it.
async fn listed(stage: &Stage, scope: &str, id: &str) -> Value {
    let list = stage.get(scope).await.json();
    let mut accounts = list["results"].as_array().unwrap().iter();
    accounts.find(|account| account["clientId"] == id).unwrap().clone()
}

fn is_hex(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Row P2: "creates an org SA and assigns it with the project roles; the org-level role given to
/// it: `ORG_MEMBER`".
#[tokio::test]
async fn an_account_of_a_project_is_a_member_of_its_organization() {
    let stage = Stage::start().await;
    let account = stage.account(&["GROUP_READ_ONLY"]).await;
    let from_org = stage.get(&format!("{}/{}", stage.of_org(), account.id)).await;
    assert_eq!(from_org.json()["roles"], json!(["ORG_MEMBER"]));
    let from_group = stage.get(&format!("{}/{}", stage.of_group(), account.id)).await;
    assert_eq!(from_group.json()["roles"], json!(["GROUP_READ_ONLY"]));
    let of_org = stage.account(&["ORG_MEMBER"]).await;
    let path = format!("{}/{}", stage.of_group(), of_org.id);
    stage.refuses("not assigned", ("GET", &path, Value::Null), &no_resource(&of_org.id)).await;
}

/// Row O4: "fields optional, absent = unchanged; `null` = unchanged".
#[tokio::test]
async fn what_a_change_does_not_name_stays() {
    let stage = Stage::start().await;
    let account = stage.account(&["ORG_MEMBER"]).await;
    let one = format!("{}/{}", stage.of_org(), account.id);
    let mut expected = stage.get(&one).await.json();
    let rows = [
        json!({}),
        json!({"name": "other"}),
        json!({"description": "Another one"}),
        json!({"roles": ["ORG_READ_ONLY"]}),
        json!({"name": null, "description": null, "roles": null}),
        json!({"name": "third", "description": null}),
    ];
    for body in rows {
        for (field, value) in body.as_object().unwrap().iter().filter(|(_, v)| !v.is_null()) {
            expected[field] = value.clone();
        }
        let answer = stage.patch(&one, body.clone()).await;
        assert_eq!(answer.status, 200, "{body}: {}", answer.text());
        assert_eq!(answer.json(), expected, "{body}");
        assert_eq!(stage.get(&one).await.json(), expected, "{body}");
    }
}

/// Row P4: "`roles` required in CM (optional in Atlas), replaces this project's roles as a whole;
/// name and description optional and change the SA itself".
#[tokio::test]
async fn a_change_from_a_project_replaces_the_roles_there() {
    let stage = Stage::start().await;
    let account = stage.account(&["GROUP_READ_ONLY", "GROUP_BACKUP_ADMIN"]).await;
    let (from_org, from_group) = (
        format!("{}/{}", stage.of_org(), account.id),
        format!("{}/{}", stage.of_group(), account.id),
    );
    for body in [json!({}), json!({"name": "other"}), json!({"roles": null})] {
        stage.refuses("CM", ("PATCH", &from_group, body), &missing("roles")).await;
    }
    let target = format!("{ATLAS}{from_group}");
    let body = json!({"name": "other"});
    let answer = stage.ask(&stage.owner, "PATCH", &target, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["name"], "other");
    assert_eq!(answer.json()["roles"].as_array().unwrap().len(), 2, "roles stay");

    let body = json!({"roles": ["GROUP_OWNER"], "description": "Another one"});
    let answer = stage.patch(&from_group, body).await;
    assert_eq!(answer.json()["roles"], json!(["GROUP_OWNER"]));
    let seen = stage.get(&from_org).await.json();
    assert_eq!(seen["description"], "Another one");
    assert_eq!(seen["roles"], json!(["ORG_MEMBER"]));
}

/// Row O5: "removes the SA from the org and all its projects; secrets and access list go; its
/// tokens stop working".
#[tokio::test]
async fn a_deleted_account_is_gone_everywhere() {
    let stage = Stage::start().await;
    let account = stage.account(&["GROUP_OWNER"]).await;
    let token = stage.token(&account).await;
    assert!(stage.opens(&token).await);
    let one = format!("{}/{}", stage.of_org(), account.id);
    assert_eq!(stage.delete(&one).await.outcome(), (204, ""));
    assert!(!stage.opens(&token).await);
    assert_eq!(stage.issue(&account.id, &account.secret).await.status, 401);
    let gone = no_resource(&account.id);
    let from_group = format!("{}/{}", stage.of_group(), account.id);
    let list = format!("{one}/accessList");
    for (method, path) in [("DELETE", &one), ("GET", &one), ("GET", &from_group), ("GET", &list)] {
        stage.refuses(path, (method, path, Value::Null), &gone).await;
    }
    for scope in [stage.of_org(), stage.of_group()] {
        assert!(!stage.get(&scope).await.text().contains(&account.id));
    }
}

/// Row "more than 200 SAs in the org", on O2 and on P2.
#[tokio::test]
async fn an_organization_has_room_for_200_accounts() {
    let stage = Stage::start().await;
    let present = stage.get(&stage.of_org()).await.json()["totalCount"].as_u64().unwrap();
    let mut last = stage.account(&["ORG_MEMBER"]).await;
    for _ in present + 1..200 {
        last = stage.account(&["ORG_MEMBER"]).await;
    }
    let org = &stage.org;
    let detail = format!(
        "Maximum number of Service Accounts per org (200) in {org} exceeded when trying to add a new Service Account."
    );
    let code = "MAX_SERVICE_ACCOUNTS_PER_ORG_EXCEEDED";
    let expected = refusal(400, code, &detail, &["200", org]);
    for (scope, role) in [(stage.of_org(), "ORG_MEMBER"), (stage.of_group(), "GROUP_OWNER")] {
        stage.refuses(&scope, ("POST", &scope, new_account(&[role])), &expected).await;
    }
    let target = format!("{PUBLIC}{}?includeCount=true&itemsPerPage=1", stage.of_org());
    let full = stage.ask(&stage.owner, "GET", &target, &Value::Null).await.json();
    assert_eq!(full["totalCount"], 200);
    let one = format!("{}/{}", stage.of_org(), last.id);
    assert_eq!(stage.delete(&one).await.status, 204);
    stage.account(&["ORG_MEMBER"]).await;
}

/// A name "need not be unique" (section 2.1).
#[tokio::test]
async fn two_accounts_may_have_one_name() {
    let stage = Stage::start().await;
    let (one, other) = (stage.account(&["ORG_MEMBER"]).await, stage.account(&["ORG_MEMBER"]).await);
    assert_ne!(one.id, other.id);
    assert_ne!(one.secret, other.secret);
}
