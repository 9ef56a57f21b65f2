//! The rules of request fields (service-accounts-api.md 2.1), from both scopes.

use serde_json::{Value, json};

use super::{
    literal::{Refusal, invalid, invalid_json, missing, read_only, refusal},
    stage::{Stage, new_account},
};

/// A good request of a scope, changed in one field; null removes it.
fn with(base: &Value, name: &str, value: Value) -> Value {
    let mut body = base.clone();
    body[name] = value;
    body
}

fn without(base: &Value, name: &str) -> Value {
    let mut body = base.clone();
    body.as_object_mut().unwrap().shift_remove(name);
    body
}

#[tokio::test]
async fn names_and_descriptions_have_their_characters_and_lengths() {
    let stage = Stage::start().await;
    let account = stage.account(&["GROUP_OWNER"]).await;
    let scopes = [(stage.of_org(), "ORG_MEMBER"), (stage.of_group(), "GROUP_OWNER")];
    #[rustfmt::skip]
    let rows: Vec<(&str, Value, bool)> = vec![
        ("name",        json!("A"),                     true),
        ("name",        json!("Az 09.',_-"),            true),
        ("name",        json!("Größe 東京"),             true),
        ("name",        json!("n".repeat(64)),          true),
        ("name",        json!("ä".repeat(64)),          true),
        ("name",        json!("n".repeat(65)),          false),
        ("name",        json!(""),                      false),
        ("name",        json!("a/b"),                   false),
        ("name",        json!("a\nb"),                  false),
        ("name",        json!("a\0b"),                  false),
        ("name",        json!("<b>"),                   false),
        ("name",        json!("a\"b"),                  false),
        ("name",        json!("😀"),                    false),
        ("name",        json!(1),                       false),
        ("name",        json!(true),                    false),
        ("name",        json!(["a"]),                   false),
        ("name",        json!({"a": 1}),                false),
        ("description", json!("d".repeat(250)),         true),
        ("description", json!("d".repeat(251)),         false),
        ("description", json!(""),                      false),
        ("description", json!("it; is"),                false),
        ("description", json!(0.5),                     false),
    ];
    for (scope, role) in &scopes {
        let good = new_account(&[role]);
        for (name, value, accepted) in &rows {
            let row = format!("{name} {value} in {scope}");
            let create = with(&good, name, value.clone());
            let change = with(&json!({"roles": [role]}), name, value.clone());
            let one = format!("{scope}/{}", account.id);
            if *accepted {
                let answer = stage.post(scope, create).await;
                assert_eq!(answer.status, 201, "row: {row}: {}", answer.text());
                assert_eq!(answer.json()[name], *value, "row: {row}");
                let answer = stage.patch(&one, change).await;
                assert_eq!(answer.status, 200, "row: {row}: {}", answer.text());
                assert_eq!(answer.json()[name], *value, "row: {row}");
                assert_eq!(stage.get(&one).await.json()[name], *value, "row: {row}");
            } else {
                stage.refuses(&row, ("POST", scope, create), &invalid(name)).await;
                stage.refuses(&row, ("PATCH", &one, change), &invalid(name)).await;
            }
        }
    }
}

/// "accept a JSON integer and a string of decimal digits", 8 to 8766 everywhere.
#[tokio::test]
async fn hours_are_a_number_or_a_text_of_digits_in_their_range() {
    let stage = Stage::start().await;
    let field = "secretExpiresAfterHours";
    #[rustfmt::skip]
    let accepted = [(json!(8), 8), (json!("8"), 8), (json!(720), 720), (json!(720.0), 720), (json!("3600"), 3600), (json!(8766), 8766), (json!("8766"), 8766)];
    #[rustfmt::skip]
    let refused = [
        json!(7), json!("7"), json!(8767), json!("8767"), json!(0), json!("0"), json!(-8), json!("-8"),
        json!(8.5), json!("720.0"), json!(""), json!(" 720"), json!("720 "), json!("+720"),
        json!("0x2d0"), json!("７２０"), json!("eight"), json!(true), json!([720]), json!({"hours": 720}),
        json!(4_294_967_304_u64), json!(u64::MAX), json!(i64::MIN), json!(1e300), json!("99999999999999999999999999"),
    ];
    for (scope, role) in [(stage.of_org(), "ORG_MEMBER"), (stage.of_group(), "GROUP_OWNER")] {
        let account = stage.account(&[role]).await;
        let secrets = format!("{scope}/{}/secrets", account.id);
        let good = new_account(&[role]);
        for (value, hours) in &accepted {
            let answer = stage.post(&scope, with(&good, field, value.clone())).await;
            assert_eq!(answer.status, 201, "{value}: {}", answer.text());
            assert_lifetime(&answer.json()["secrets"][0], *hours);
            let answer = stage.post(&secrets, json!({field: value})).await;
            assert_eq!(answer.status, 201, "{value}: {}", answer.text());
            assert_lifetime(&answer.json(), *hours);
            let id = answer.json()["id"].as_str().unwrap().to_owned();
            assert_eq!(stage.delete(&format!("{secrets}/{id}")).await.status, 204);
        }
        for value in &refused {
            let row = format!("{value} in {scope}");
            let create = ("POST", &*scope, with(&good, field, value.clone()));
            stage.refuses(&row, create, &invalid(field)).await;
            stage.refuses(&row, ("POST", &secrets, json!({field: value})), &invalid(field)).await;
        }
        for row in [json!({}), json!({field: null})] {
            stage.refuses("none", ("POST", &secrets, row), &missing(field)).await;
        }
    }
}

/// "`expiresAt` = `createdAt` + hours, exact to the second". Every test begins at one moment.
fn assert_lifetime(secret: &Value, hours: i64) {
    assert_eq!(secret["createdAt"], "2025-03-01T09:00:00Z");
    let expected = match hours {
        8 => "2025-03-01T17:00:00Z",
        720 => "2025-03-31T09:00:00Z",
        3600 => "2025-07-29T09:00:00Z",
        8766 => "2026-03-01T15:00:00Z",
        _ => panic!("no row has {hours} hours"),
    };
    assert_eq!(secret["expiresAt"], expected, "{hours} hours");
}

/// "at least one; all valid for the level; unordered set".
#[tokio::test]
async fn roles_are_a_set_of_those_of_the_level() {
    let stage = Stage::start().await;
    let account = stage.account(&["GROUP_OWNER"]).await;
    let no_role = |role: &str| {
        let detail = format!("An invalid enumeration value {role} was specified.");
        refusal(400, "INVALID_ENUM_VALUE", &detail, &[role])
    };
    let of_org = |role: &str| {
        let detail = format!("Role {role} is invalid for group.");
        refusal(400, "INVALID_ROLE_FOR_GROUP", &detail, &[role])
    };
    let of_group = |role: &str| {
        let detail = format!("Role {role} requires a group ID.");
        refusal(400, "ROLE_NEEDS_GROUP_ID", &detail, &[role])
    };
    let common: Vec<(Value, Refusal)> = vec![
        (json!([]), invalid("roles")),
        (json!("ORG_OWNER"), invalid("roles")),
        (json!({}), invalid("roles")),
        (json!([1]), invalid("roles")),
        (json!([null]), invalid("roles")),
        (json!([["ORG_OWNER"]]), invalid("roles")),
        (json!(["GOD"]), no_role("GOD")),
        (json!(["org_owner"]), no_role("org_owner")),
        (json!([""]), no_role("")),
        // Shown in one sample, and in no list.
        (json!(["GROUP_DATA_BACKUP_ADMIN"]), no_role("GROUP_DATA_BACKUP_ADMIN")),
    ];
    let in_org: Vec<(Value, Refusal)> = vec![
        (json!(["GROUP_OWNER"]), of_group("GROUP_OWNER")),
        (json!(["ORG_MEMBER", "GROUP_READ_ONLY"]), of_group("GROUP_READ_ONLY")),
        (json!(["ORG_MEMBER", "GOD"]), no_role("GOD")),
    ];
    let in_group: Vec<(Value, Refusal)> = vec![
        (json!(["ORG_OWNER"]), of_org("ORG_OWNER")),
        (json!(["GROUP_OWNER", "ORG_MEMBER"]), of_org("ORG_MEMBER")),
    ];
    for (scope, role, own) in
        [(stage.of_org(), "ORG_MEMBER", in_org), (stage.of_group(), "GROUP_OWNER", in_group)]
    {
        let one = format!("{scope}/{}", account.id);
        for (roles, expected) in common.iter().chain(&own) {
            let row = format!("{roles} in {scope}");
            let create = with(&new_account(&[role]), "roles", roles.clone());
            stage.refuses(&row, ("POST", &scope, create), expected).await;
            stage.refuses(&row, ("PATCH", &one, json!({"roles": roles})), expected).await;
            if scope == stage.of_group() {
                let invite = format!("{one}:invite");
                stage.refuses(&row, ("POST", &invite, json!({"roles": roles})), expected).await;
            }
        }
    }
    let twice = json!({"roles": ["ORG_READ_ONLY", "ORG_MEMBER", "ORG_READ_ONLY"]});
    let answer = stage.patch(&format!("{}/{}", stage.of_org(), account.id), twice).await;
    let mut roles: Vec<_> = answer.json()["roles"].as_array().unwrap().clone();
    roles.sort_by_key(Value::to_string);
    assert_eq!(roles, [json!("ORG_MEMBER"), json!("ORG_READ_ONLY")]);
}

/// "all four fields required" (section 4), null being none.
#[tokio::test]
async fn every_field_of_a_creation_is_required() {
    let stage = Stage::start().await;
    for (scope, role) in [(stage.of_org(), "ORG_MEMBER"), (stage.of_group(), "GROUP_OWNER")] {
        let good = new_account(&[role]);
        for field in ["name", "description", "roles", "secretExpiresAfterHours"] {
            for body in [without(&good, field), with(&good, field, Value::Null)] {
                stage.refuses(field, ("POST", &scope, body), &missing(field)).await;
            }
        }
    }
}

/// "Unknown, misspelt or not modifiable fields: rejected with an error that names the field".
#[tokio::test]
async fn a_field_that_there_is_not_is_named() {
    let stage = Stage::start().await;
    let account = stage.account(&["GROUP_OWNER"]).await;
    for (scope, role) in [(stage.of_org(), "ORG_MEMBER"), (stage.of_group(), "GROUP_OWNER")] {
        let one = format!("{scope}/{}", account.id);
        let secrets = format!("{one}/secrets");
        let requests = [
            ("POST", &scope, new_account(&[role])),
            ("PATCH", &one, json!({"roles": [role]})),
            ("POST", &secrets, json!({"secretExpiresAfterHours": 8})),
        ];
        #[rustfmt::skip]
        let rows = [
            ("Name",       invalid("Name")),
            ("naem",       invalid("naem")),
            ("",           invalid("")),
            ("orgId",      invalid("orgId")),
            ("clientId",   read_only("clientId")),
            ("createdAt",  read_only("createdAt")),
            ("secrets",    read_only("secrets")),
        ];
        for (field, expected) in rows {
            for (method, path, good) in &requests {
                for value in [json!("x"), json!(null), json!([])] {
                    let row = format!("{field}: {value} in {method} {path}");
                    let body = with(good, field, value);
                    stage.refuses(&row, (method, path, body), &expected).await;
                }
            }
        }
        let hours = json!({"roles": [role], "secretExpiresAfterHours": 8});
        let row = ("PATCH", &*one, hours);
        stage.refuses("not of a change", row, &invalid("secretExpiresAfterHours")).await;
    }
    let invite = format!("{}/{}:invite", stage.of_group(), account.id);
    let body = json!({"roles": ["GROUP_OWNER"], "name": "other"});
    stage.refuses("P5", ("POST", &invite, body), &invalid("name")).await;
    stage.refuses("P5", ("POST", &invite, json!({})), &missing("roles")).await;
}

/// Row `withoutInitialSecret`: "create without a secret; excludes `secretExpiresAfterHours`".
#[tokio::test]
async fn an_account_can_be_made_without_a_secret() {
    let stage = Stage::start().await;
    for (scope, role) in [(stage.of_org(), "ORG_MEMBER"), (stage.of_group(), "GROUP_OWNER")] {
        let good = without(&new_account(&[role]), "secretExpiresAfterHours");
        let answer = stage.post(&scope, with(&good, "withoutInitialSecret", json!(true))).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        assert_eq!(answer.json()["secrets"], json!([]));
        let both = with(&new_account(&[role]), "withoutInitialSecret", json!(true));
        let hours = invalid("secretExpiresAfterHours");
        stage.refuses("both", ("POST", &scope, both), &hours).await;
        let neither = with(&good, "withoutInitialSecret", json!(false));
        let hours = missing("secretExpiresAfterHours");
        stage.refuses("neither", ("POST", &scope, neither), &hours).await;
        let text = with(&good, "withoutInitialSecret", json!("true"));
        let field = invalid("withoutInitialSecret");
        stage.refuses("a text", ("POST", &scope, text), &field).await;
    }
}

/// A body that is JSON of another form than the endpoint reads.
#[tokio::test]
async fn a_body_that_is_no_object_is_refused() {
    let stage = Stage::start().await;
    let account = stage.account(&["GROUP_OWNER"]).await;
    for scope in [stage.of_org(), stage.of_group()] {
        let one = format!("{scope}/{}", account.id);
        for body in [json!([]), json!("x"), json!(1), json!(true), json!([{}])] {
            for (method, path) in [
                ("POST", scope.clone()),
                ("PATCH", one.clone()),
                ("POST", format!("{one}/secrets")),
            ] {
                let row = format!("{body} to {method} {path}");
                stage.refuses(&row, (method, &path, body.clone()), &invalid_json()).await;
            }
        }
    }
}
