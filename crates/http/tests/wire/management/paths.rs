//! The path variants to serve (service-accounts-api.md 1).

use serde_json::{Value, json};

use super::{
    endpoints::{Target, table},
    literal::{no_group, no_org, no_resource, refusal},
    stage::{ROOTS, Stage, new_account},
};

/// "both must work, without a redirect": for every row, not only for secrets and groups.
#[tokio::test]
async fn every_row_is_found_with_and_without_a_slash_at_its_end() {
    let stage = Stage::start().await;
    for root in ROOTS {
        for row in table() {
            for slash in ["", "/"] {
                let target = Target::make(&stage).await;
                let path = row.path(&stage, &target);
                let path = format!("{root}{}{slash}", path.trim_end_matches('/'));
                let answer = stage.ask(&stage.owner, row.method, &path, &row.body).await;
                assert_eq!(answer.status, row.status, "{path}: {}", answer.text());
                assert_eq!(answer.lines("location"), [""; 0], "{path}");
            }
        }
    }
}

/// Row "`C:invite`": "`%3Ainvite` is equivalent".
#[tokio::test]
async fn an_invitation_is_found_however_its_colon_is_written() {
    let stage = Stage::start().await;
    for suffix in [":invite", "%3Ainvite", "%3ainvite", ":invite/"] {
        let account = stage.account(&["ORG_MEMBER"]).await;
        let path = format!("{}/{}{suffix}", stage.of_group(), account.id);
        let answer = stage.post(&path, json!({"roles": ["GROUP_OWNER"]})).await;
        assert_eq!(answer.status, 200, "{suffix}: {}", answer.text());
        assert_eq!(answer.json()["clientId"], account.id, "{suffix}");
        assert_eq!(answer.json()["roles"], json!(["GROUP_OWNER"]), "{suffix}");
    }
}

/// Section 7: "`/` as `%2F`; `a.b.c.d` and `a.b.c.d%2F32` mean the same entry".
#[tokio::test]
async fn an_entry_is_found_however_it_is_written() {
    let stage = Stage::start().await;
    let account = stage.account(&["ORG_MEMBER"]).await;
    let list = format!("{}/{}/accessList", stage.of_org(), account.id);
    let rows = [
        (json!({"ipAddress": "198.51.100.7"}), "198.51.100.7"),
        (json!({"ipAddress": "198.51.100.7"}), "198.51.100.7%2F32"),
        (json!({"ipAddress": "198.51.100.7"}), "198.51.100.7%2f32"),
        (json!({"cidrBlock": "198.51.100.7/32"}), "198.51.100.7"),
        (json!({"cidrBlock": "203.0.113.0/24"}), "203.0.113.0%2F24"),
        (json!({"ipAddress": "2001:db8::1"}), "2001:db8::1"),
        (json!({"ipAddress": "2001:db8::1"}), "2001%3Adb8%3A%3A1%2F128"),
        (json!({"ipAddress": "2001:db8::1"}), "2001:0DB8:0:0::1"),
        (json!({"cidrBlock": "2001:db8::/32"}), "2001:db8::%2F32"),
    ];
    for (entry, written) in rows {
        let added = stage.post(&list, json!([entry])).await;
        assert_eq!(added.json()["totalCount"], 1, "{entry}");
        let answer = stage.delete(&format!("{list}/{written}")).await;
        assert_eq!(answer.outcome(), (204, ""), "{entry} as {written}");
        assert_eq!(stage.get(&list).await.json()["totalCount"], 0, "{entry} as {written}");
    }
}

/// Section 9, rows "org unknown" to "unknown path", at every path that has the part.
#[tokio::test]
async fn what_there_is_not_is_named() {
    let stage = Stage::start().await;
    let account = stage.account(&["GROUP_OWNER"]).await;
    let (org, group) = (stage.of_org(), stage.of_group());
    let id = &account.id;
    let no = "6400aa11bb22cc33dd44ee55";
    let nobody = "mdb_sa_id_6400aa11bb22cc33dd44ee55";
    let invalid_group = |id: &str| {
        let detail = format!("An invalid group ID {id} was specified.");
        refusal(404, "INVALID_GROUP_ID", &detail, &[id])
    };
    let no_entry = |entry: &str| {
        let detail = format!("The access list has no entry {entry}.");
        refusal(404, "API_KEY_ACCESS_LIST_NOT_FOUND", &detail, &[entry])
    };
    let upper = stage.org.to_uppercase();
    #[rustfmt::skip]
    let mut rows = vec![
        ("GET", format!("/orgs/{no}/serviceAccounts"),             Value::Null, no_org(no)),
        ("GET", "/orgs/1/serviceAccounts".to_owned(),              Value::Null, no_org("1")),
        ("GET", format!("/groups/{no}/serviceAccounts"),           Value::Null, no_group(no)),
        ("GET", "/groups/1/serviceAccounts".to_owned(),            Value::Null, invalid_group("1")),
        ("GET", format!("/groups/{no}0/serviceAccounts"),          Value::Null, invalid_group(&format!("{no}0"))),
        ("POST", format!("/orgs/{no}/serviceAccounts"),            new_account(&["ORG_MEMBER"]), no_org(no)),
        ("POST", format!("/groups/{no}/serviceAccounts"),          new_account(&["GROUP_OWNER"]), no_group(no)),
    ];
    assert_ne!(upper, stage.org, "the moment in it has letters");
    rows.push(("GET", format!("/orgs/{upper}"), Value::Null, no_org(&upper)));
    for scope in [&org, &group] {
        for unknown in [nobody, "mdb_sa_id_", "x", no, "mdb_sa_id_6400aa11bb22cc33dd44ee5g"] {
            rows.push(("GET", format!("{scope}/{unknown}"), Value::Null, no_resource(unknown)));
        }
        let hours = json!({"secretExpiresAfterHours": 8});
        let entries = json!([{"ipAddress": "198.51.100.7"}]);
        #[rustfmt::skip]
        rows.extend([
            ("PATCH",  format!("{scope}/{nobody}"),                 json!({"roles": [if scope == &org { "ORG_MEMBER" } else { "GROUP_OWNER" }]}), no_resource(nobody)),
            ("DELETE", format!("{scope}/{nobody}"),                 Value::Null, no_resource(nobody)),
            ("POST",   format!("{scope}/{nobody}/secrets"),         hours,       no_resource(nobody)),
            ("DELETE", format!("{scope}/{nobody}/secrets/{no}"),    Value::Null, no_resource(nobody)),
            ("DELETE", format!("{scope}/{id}/secrets/{no}"),        Value::Null, no_resource(no)),
            ("DELETE", format!("{scope}/{id}/secrets/1"),           Value::Null, no_resource("1")),
            ("GET",    format!("{scope}/{nobody}/accessList"),      Value::Null, no_resource(nobody)),
            ("POST",   format!("{scope}/{nobody}/accessList"),      entries,     no_resource(nobody)),
            ("DELETE", format!("{scope}/{nobody}/accessList/::1"),  Value::Null, no_resource(nobody)),
            ("DELETE", format!("{scope}/{id}/accessList/192.0.2.9%2F32"), Value::Null, no_entry("192.0.2.9/32")),
            ("DELETE", format!("{scope}/{id}/accessList/nowhere"),  Value::Null, no_entry("nowhere")),
        ]);
    }
    let roles = json!({"roles": ["GROUP_OWNER"]});
    rows.push(("POST", format!("{group}/{nobody}:invite"), roles.clone(), no_resource(nobody)));
    rows.push(("POST", format!("{group}/x:invite"), roles, no_resource("x")));
    rows.push(("GET", format!("{org}/{nobody}/groups"), Value::Null, no_resource(nobody)));
    let foo = format!("/orgs/{}/foo", stage.org);
    let named = no_resource(&format!("/api/public/v1.0{foo}"));
    rows.push(("GET", foo, Value::Null, named));
    for (method, path, body, expected) in rows {
        stage.refuses(&path, (method, &path, body), &expected).await;
    }
}

/// The pattern of section 2 allows capitals in a client id, and in no other.
#[tokio::test]
async fn only_a_client_id_may_have_capital_digits() {
    let stage = Stage::start().await;
    let account = stage.account(&["GROUP_OWNER"]).await;
    let capital = account.id.replace(&account.id[10..], &account.id[10..].to_uppercase());
    let answer = stage.get(&format!("{}/{capital}", stage.of_org())).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["clientId"], account.id);
    let secret_id = account.secret_id.to_uppercase();
    assert_ne!(secret_id, account.secret_id, "the moment in it has letters");
    let path = format!("{}/{}/secrets/{secret_id}", stage.of_org(), account.id);
    let row = ("DELETE", &*path, Value::Null);
    stage.refuses("a secret id in capitals", row, &no_resource(&secret_id)).await;
}
