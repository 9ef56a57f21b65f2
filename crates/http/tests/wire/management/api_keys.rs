//! API keys of an organization: what is sent and what is answered, under both families.

use serde_json::{Value, json};

use super::{
    literal::{denied, invalid, invalid_json, missing, no_org, no_resource, read_only, refusal},
    stage::{PUBLIC, ROOTS, Stage, assert_refused},
};
use crate::{app::ISSUER, digest::client::Key};

const NO_KEY: &str = "6400aa11bb22cc33dd44ee55";

impl Stage {
    fn of_keys(&self) -> String {
        format!("/orgs/{}/apiKeys", self.org)
    }

    async fn key(&self, roles: &[&str]) -> Key {
        Key::make(&self.app, roles).await
    }
}

fn is_in(text: &str, lengths: &[usize], is_digit: impl Fn(u8) -> bool) -> bool {
    let groups: Vec<_> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq(lengths.iter().copied())
        && groups.iter().all(|group| group.bytes().all(&is_digit))
}

/// "`publicKey` 8 lower-case letters; private key a UUID", shown once, and the answer to the letter.
#[tokio::test]
async fn a_private_key_is_shown_once() {
    let stage = Stage::start().await;
    for root in ROOTS {
        let target = format!("{root}{}", stage.of_keys());
        let body =
            json!({"desc": "CI/CD (prod): terraform", "roles": ["ORG_READ_ONLY", "ORG_MEMBER"]});
        let made = stage.ask(&stage.owner, "POST", &target, &body).await;
        assert_eq!(made.status, 200, "{}", made.text());
        let key = Key::of(&made.json());
        assert!(is_in(&key.id, &[24], |byte| b"0123456789abcdef".contains(&byte)), "{}", key.id);
        assert!(is_in(&key.public, &[8], |byte| byte.is_ascii_lowercase()), "{}", key.public);
        let hex = |byte: u8| b"0123456789abcdef".contains(&byte);
        assert!(is_in(&key.private, &[8, 4, 4, 4, 12], hex), "{}", key.private);
        assert_eq!((&key.private[14..15], &key.private[8..9]), ("4", "-"), "version 4");

        let (id, org, public) = (&key.id, &stage.org, &key.public);
        let shown = |private: &str| {
            format!(
                r#"{{"desc":"CI/CD (prod): terraform","id":"{id}","links":[{{"href":"{ISSUER}{root}/orgs/{org}/apiKeys/{id}","rel":"self"}}],"privateKey":"{private}","publicKey":"{public}","roles":[{{"orgId":"{org}","roleName":"ORG_MEMBER"}},{{"orgId":"{org}","roleName":"ORG_READ_ONLY"}}]}}"#
            )
        };
        assert_eq!(made.text(), shown(&key.private));
        let masked = shown(&format!("********-****-****-{}", &key.private[24..]));
        let one = format!("{target}/{id}");
        let changed = stage.ask(&stage.owner, "PATCH", &one, &json!({})).await;
        assert_eq!(changed.outcome(), (200, &*masked));
        assert_eq!(
            stage.ask(&stage.owner, "GET", &one, &Value::Null).await.outcome(),
            (200, &*masked)
        );
        let listed = stage.ask(&stage.owner, "GET", &target, &Value::Null).await;
        assert!(listed.text().contains(&masked), "{}", listed.text());
        assert!(!listed.text().contains(&key.private), "{}", listed.text());
        assert_eq!(
            stage.ask(&stage.owner, "DELETE", &one, &Value::Null).await.outcome(),
            (204, "")
        );
    }
}

/// conventions.md 4: oldest first, paged, counted.
#[tokio::test]
async fn keys_are_listed_in_the_order_of_their_making() {
    let stage = Stage::start().await;
    let empty = stage.get(&stage.of_keys()).await;
    let link = |page: &str| format!("{ISSUER}{PUBLIC}{}?{page}", stage.of_keys());
    let expected = format!(
        r#"{{"links":[{{"href":"{}","rel":"self"}}],"results":[],"totalCount":0}}"#,
        link("pageNum=1&itemsPerPage=100")
    );
    assert_eq!(empty.outcome(), (200, &*expected));
    let mut made = Vec::new();
    for second in 0..5 {
        stage.app.clock.move_to(second);
        made.push(stage.key(&["ORG_MEMBER"]).await.id);
    }
    for (page, expected) in [(1, &made[..2]), (2, &made[2..4]), (3, &made[4..]), (4, &[])] {
        let path = format!("{}?pageNum={page}&itemsPerPage=2", stage.of_keys());
        let list = stage.get(&path).await.json();
        let ids: Vec<_> =
            list["results"].as_array().unwrap().iter().map(|key| key["id"].clone()).collect();
        assert_eq!(ids, expected, "page {page}");
        assert_eq!(list["totalCount"], 5, "page {page}");
    }
    let uncounted = format!("/api/atlas/v2{}?includeCount=false", stage.of_keys());
    let uncounted = stage.ask(&stage.owner, "GET", &uncounted, &Value::Null).await.json();
    assert!(uncounted.get("totalCount").is_none());
}

/// "`desc` 1..250, at least one org role"; what is unknown is named, and nothing is applied.
#[tokio::test]
async fn a_bad_field_is_named_and_nothing_is_made() {
    let stage = Stage::start().await;
    let key = stage.key(&["ORG_MEMBER"]).await;
    let good = json!({"desc": "x", "roles": ["ORG_MEMBER"]});
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    let role = |code, detail: &str, role: &str| refusal(400, code, detail, &[role]);
    let unknown =
        role("INVALID_ENUM_VALUE", "An invalid enumeration value OWNER was specified.", "OWNER");
    let of_group =
        role("ROLE_NEEDS_GROUP_ID", "Role GROUP_OWNER requires a group ID.", "GROUP_OWNER");
    let rows = [
        (with("desc", json!("")), invalid("desc")),
        (with("desc", json!("d".repeat(251))), invalid("desc")),
        (with("desc", json!("a\nb")), invalid("desc")),
        (with("desc", json!(1)), invalid("desc")),
        (with("roles", json!([])), invalid("roles")),
        (with("roles", json!("ORG_MEMBER")), invalid("roles")),
        (with("roles", json!([1])), invalid("roles")),
        (with("roles", json!(["OWNER"])), unknown),
        (with("roles", json!(["ORG_MEMBER", "GROUP_OWNER"])), of_group),
        (with("description", json!("x")), invalid("description")),
        (with("id", json!(key.id)), read_only("id")),
        (with("publicKey", json!("aaaaaaaa")), read_only("publicKey")),
        (with("privateKey", json!("x")), read_only("privateKey")),
        (with("links", json!([])), read_only("links")),
        (json!([]), invalid_json()),
        (json!("x"), invalid_json()),
    ];
    let one = format!("{}/{}", stage.of_keys(), key.id);
    for (body, expected) in &rows {
        let row = body.to_string();
        stage.refuses(&row, ("POST", &stage.of_keys(), body.clone()), expected).await;
        stage.refuses(&row, ("PATCH", &one, body.clone()), expected).await;
    }
    for name in ["desc", "roles"] {
        let mut body = good.clone();
        body.as_object_mut().unwrap().shift_remove(name);
        stage.refuses(name, ("POST", &stage.of_keys(), body), &missing(name)).await;
        let row = (with(name, Value::Null), missing(name));
        stage.refuses(name, ("POST", &stage.of_keys(), row.0), &row.1).await;
    }
    for accepted in ["d".repeat(250), "ü".repeat(250), "<b> \"x\" / {}".to_owned()] {
        let made = stage.post(&stage.of_keys(), with("desc", json!(accepted))).await;
        assert_eq!((made.status, &made.json()["desc"]), (200, &json!(accepted)));
    }
}

/// "PATCH: desc and roles optional (null = unchanged)."
#[tokio::test]
async fn a_change_leaves_alone_what_it_does_not_name() {
    let stage = Stage::start().await;
    let key = stage.key(&["ORG_MEMBER"]).await;
    let one = format!("{}/{}", stage.of_keys(), key.id);
    let roles = |names: &[&str]| -> Value {
        names.iter().map(|name| json!({"orgId": stage.org, "roleName": name})).collect()
    };
    let rows = [
        (json!({"desc": "second"}), "second", roles(&["ORG_MEMBER"])),
        (json!({"roles": ["ORG_READ_ONLY"]}), "second", roles(&["ORG_READ_ONLY"])),
        (json!({"desc": null, "roles": null}), "second", roles(&["ORG_READ_ONLY"])),
        (
            json!({"desc": "third", "roles": ["ORG_OWNER", "ORG_MEMBER"]}),
            "third",
            roles(&["ORG_OWNER", "ORG_MEMBER"]),
        ),
    ];
    for (body, desc, roles) in rows {
        let changed = stage.patch(&one, body.clone()).await;
        assert_eq!(changed.status, 200, "{body}: {}", changed.text());
        assert_eq!((&changed.json()["desc"], &changed.json()["roles"]), (&json!(desc), &roles));
        assert_eq!(stage.get(&one).await.text(), changed.text(), "{body}");
    }
}

/// A key, its list, an entry of it: every path there is, for somebody to try.
fn paths(stage: &Stage, id: &str) -> Vec<(&'static str, String, Value, u16)> {
    let keys = stage.of_keys();
    let new = json!({"desc": "x", "roles": ["ORG_MEMBER"]});
    let entries = json!([{"ipAddress": "198.51.100.7"}]);
    let (one, list) = (format!("{keys}/{id}"), format!("{keys}/{id}/accessList"));
    let entry = format!("{list}/192.0.2.1");
    vec![
        ("GET", keys.clone(), Value::Null, 200),
        ("POST", keys, new, 200),
        ("GET", one.clone(), Value::Null, 200),
        ("PATCH", one.clone(), json!({"desc": "another"}), 200),
        ("GET", list.clone(), Value::Null, 200),
        ("POST", list, entries, 200),
        ("GET", entry.clone(), Value::Null, 200),
        ("DELETE", entry, Value::Null, 204),
        ("DELETE", one, Value::Null, 204),
    ]
}

/// A key with an entry in its list that nobody comes from.
async fn with_an_entry(stage: &Stage) -> Key {
    let key = stage.key(&["ORG_MEMBER"]).await;
    let list = format!("{}/{}/accessList", stage.of_keys(), key.id);
    assert_eq!(stage.post(&list, json!([{"ipAddress": "192.0.2.1"}])).await.status, 200);
    key
}

/// "Any org role sees, Organization Owner manages": by token and by key alike, with and without a
/// slash at the end.
#[tokio::test]
async fn any_member_sees_keys_and_owners_manage_them() {
    let stage = Stage::start().await;
    let spared = with_an_entry(&stage).await;
    for role in
        ["ORG_OWNER", "ORG_MEMBER", "ORG_READ_ONLY", "ORG_GROUP_CREATOR", "ORG_BILLING_ADMIN"]
    {
        let token = stage.token(&stage.account(&[role]).await).await;
        let key = stage.key(&[role]).await;
        for (root, status) in ROOTS.into_iter().zip([401, 403]) {
            let target = with_an_entry(&stage).await;
            for (method, path, body, success) in paths(&stage, &target.id) {
                let row = format!("{role}: {method} {root}{path}");
                if role == "ORG_OWNER" || method == "GET" {
                    let slashed = format!("{root}{path}/");
                    let by_key = if success == 204 { &slashed } else { &format!("{root}{path}") };
                    let answer = key.ask(&stage.app, method, by_key, &body).await;
                    assert_eq!(answer.status, success, "{row}: {}", answer.text());
                    if method == "GET" {
                        let answer = stage.ask(&token, method, &slashed, &body).await;
                        assert_eq!(answer.status, success, "{row}: {}", answer.text());
                    }
                    continue;
                }
                let path = path.replace(&target.id, &spared.id);
                let head = stage.app.log_head().await;
                let expected = denied(status, "NOT_ORG_OWNER");
                let target = format!("{root}{path}");
                assert_refused(&row, &stage.ask(&token, method, &target, &body).await, &expected);
                assert_refused(&row, &key.ask(&stage.app, method, &target, &body).await, &expected);
                assert_eq!(stage.app.log_head().await, head, "{row}");
            }
        }
    }
}

/// "Unknown or another organization's: 404 as for accounts."
#[tokio::test]
async fn the_keys_of_another_organization_do_not_exist() {
    let stage = Stage::start().await;
    let key = with_an_entry(&stage).await;
    let stranger = stage.app.token(&stage.app.stranger).await;
    let their_org = stage.app.stranger.org_id.to_string();
    let head = stage.app.log_head().await;
    for root in ROOTS {
        for (method, path, body, _) in paths(&stage, &key.id) {
            let target = format!("{root}{path}");
            let answer = stage.ask(&stranger, method, &target, &body).await;
            assert_refused(&target, &answer, &no_org(&stage.org));
            if path.contains(&key.id) {
                let in_its_own = target.replace(&stage.org, &their_org);
                let answer = stage.ask(&stranger, method, &in_its_own, &body).await;
                assert_refused(&in_its_own, &answer, &no_resource(&key.id));
                let unknown = target.replace(&key.id, NO_KEY);
                let answer = stage.ask(&stage.owner, method, &unknown, &body).await;
                assert_refused(&unknown, &answer, &no_resource(NO_KEY));
            }
        }
    }
    for id in ["x", "mdb_sa_id_6400aa11bb22cc33dd44ee55", &key.id.to_uppercase(), &key.public] {
        let path = format!("{}/{id}", stage.of_keys());
        stage.refuses(id, ("GET", &path, Value::Null), &no_resource(id)).await;
        let path = format!("{path}/accessList");
        stage.refuses(id, ("GET", &path, Value::Null), &no_resource(id)).await;
    }
    assert_eq!(stage.app.log_head().await, head);
}

#[tokio::test]
async fn a_method_that_a_path_of_keys_lacks_is_a_405() {
    let stage = Stage::start().await;
    let key = with_an_entry(&stage).await;
    let detail = "The method is not allowed for this resource.";
    let expected = refusal(405, "METHOD_NOT_ALLOWED", detail, &[]);
    for (_, path, ..) in paths(&stage, &key.id) {
        stage.refuses(&path, ("PUT", &path, json!({})), &expected).await;
    }
}

/// conventions.md 6, row "API keys", with the code by analogy to accounts.
#[tokio::test]
async fn an_organization_has_room_for_500_keys() {
    let stage = Stage::start().await;
    let new = json!({"desc": "x", "roles": ["ORG_MEMBER"]});
    let mut last = None;
    for _ in 0..500 {
        let made = stage.post(&stage.of_keys(), new.clone()).await;
        assert_eq!(made.status, 200, "{}", made.text());
        last = Some(Key::of(&made.json()));
    }
    let org = &*stage.org;
    let detail = format!(
        "Maximum number of API keys per org (500) in {org} exceeded when trying to add a new API key."
    );
    let full = refusal(400, "MAX_API_KEYS_PER_ORG_EXCEEDED", &detail, &["500", org]);
    stage.refuses("one more", ("POST", &stage.of_keys(), new.clone()), &full).await;
    let path = format!("{}/{}", stage.of_keys(), last.unwrap().id);
    assert_eq!(stage.delete(&path).await.status, 204);
    assert_eq!(stage.post(&stage.of_keys(), new).await.status, 200);
}

/// "The last-owner rule counts owners of both kinds, accounts and keys."
#[tokio::test]
async fn the_last_owner_stays_be_it_an_account_or_a_key() {
    let stage = Stage::start().await;
    let key = stage.key(&["ORG_OWNER"]).await;
    let account = format!("{}/{}", stage.of_org(), stage.app.owner.id);
    let demotion = json!({"roles": ["ORG_MEMBER"]});
    assert_eq!(stage.patch(&account, demotion.clone()).await.status, 200);
    let one = format!("{PUBLIC}{}/{}", stage.of_keys(), key.id);
    let detail = "The last organization owner cannot be removed or demoted.";
    let refused = refusal(403, "CANNOT_DEMOTE_LAST_ORG_OWNER", detail, &[]);
    let head = stage.app.log_head().await;
    for (method, body) in [("DELETE", Value::Null), ("PATCH", demotion.clone())] {
        let answer = key.ask(&stage.app, method, &one, &body).await;
        assert_refused(method, &answer, &refused);
    }
    assert_eq!(stage.app.log_head().await, head);
    let raised = format!("{PUBLIC}{account}");
    let answer = key.ask(&stage.app, "PATCH", &raised, &json!({"roles": ["ORG_OWNER"]})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(key.ask(&stage.app, "DELETE", &one, &Value::Null).await.status, 204);
}

/// The names of the events, in their order.
#[tokio::test]
async fn every_change_of_a_key_is_an_event() {
    let stage = Stage::start().await;
    let key = stage.key(&["ORG_MEMBER"]).await;
    let one = format!("{}/{}", stage.of_keys(), key.id);
    stage.patch(&one, json!({"desc": "changed"})).await;
    stage.patch(&one, json!({"roles": ["ORG_READ_ONLY"]})).await;
    stage.post(&format!("{one}/accessList"), json!([{"ipAddress": "198.51.100.7"}])).await;
    stage.delete(&format!("{one}/accessList/198.51.100.7")).await;
    stage.delete(&one).await;
    let events = stage.get(&format!("/orgs/{}/events?itemsPerPage=6", stage.org)).await.json();
    let mut events = events["results"].as_array().unwrap().clone();
    events.reverse();
    let types: Vec<_> =
        events.iter().map(|event| event["eventTypeName"].as_str().unwrap()).collect();
    let expected = [
        "API_KEY_CREATED",
        "API_KEY_DESCRIPTION_CHANGED",
        "API_KEY_ROLES_CHANGED",
        "API_KEY_ACCESS_LIST_ENTRY_ADDED",
        "API_KEY_ACCESS_LIST_ENTRY_DELETED",
        "API_KEY_DELETED",
    ];
    assert_eq!(types, expected);
    for event in &events {
        assert_eq!(event["details"]["apiKeyId"], key.id, "{event}");
        assert_eq!(event["actor"], stage.app.owner.id, "{event}");
    }
}
