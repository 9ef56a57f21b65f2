//! Another organization's things do not exist: for every row of the endpoint table, whoever asks
//! for them is answered as if it had made them up.

use serde_json::{Value, json};

use super::{
    endpoints::{Target, table},
    stage::{ROOTS, Stage},
};
use crate::call::Answer;

/// Ids that nobody has.
const NO_ONE: &str = "6400aa11bb22cc33dd44ee55";
const NO_ACCOUNT: &str = "mdb_sa_id_6400aa11bb22cc33dd44ee56";
const NO_SECRET: &str = "6400aa11bb22cc33dd44ee57";

/// What an answer says, apart from the ids in it and what differs between any two answers.
fn apart_from(answer: &Answer, ids: &[(&str, &str)]) -> (u16, String, Vec<String>) {
    let mut text = answer.text().to_owned();
    for (id, name) in ids {
        text = text.replace(id, name);
    }
    let headers = answer.headers.iter().filter(|(name, _)| *name != "content-length");
    let headers = headers.map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()));
    let mut headers: Vec<_> = headers.collect();
    headers.sort_unstable();
    (answer.status, text, headers)
}

#[tokio::test]
async fn the_things_of_another_organization_do_not_exist() {
    let stage = Stage::start().await;
    let target = Target::make(&stage).await;
    let stranger = stage.app.token(&stage.app.stranger).await;
    let (their_org, their_group) =
        (stage.app.stranger.org_id.to_string(), stage.app.stranger.group_id.to_string());
    let account = &target.account;
    let one = format!("{}/{}", stage.of_group(), account.id);
    let before = stage.get(&one).await.json();
    let head = stage.app.log_head().await;
    for root in ROOTS {
        for row in table() {
            let path = format!("{root}{}", row.path(&stage, &target));
            let made_up = path
                .replace(&stage.org, NO_ONE)
                .replace(&stage.group, NO_ONE)
                .replace(&account.id, NO_ACCOUNT)
                .replace(&account.secret_id, NO_SECRET);
            let in_its_own = |path: &str| {
                path.replace(&stage.org, &their_org).replace(&stage.group, &their_group)
            };
            let mut pairs = vec![(path.clone(), made_up.clone())];
            if path.contains(&account.id) {
                let made_up =
                    path.replace(&account.id, NO_ACCOUNT).replace(&account.secret_id, NO_SECRET);
                pairs.push((in_its_own(&path), in_its_own(&made_up)));
            }
            for (real, made_up) in pairs {
                let real_answer = stage.ask(&stranger, row.method, &real, &row.body).await;
                let made_up_answer = stage.ask(&stranger, row.method, &made_up, &row.body).await;
                let ids = [
                    (&*stage.org, "ORG"),
                    (&*stage.group, "GROUP"),
                    (&*account.id, "ACCOUNT"),
                    (&*account.secret_id, "SECRET"),
                    (NO_ACCOUNT, "ACCOUNT"),
                    (NO_SECRET, "SECRET"),
                    (NO_ONE, if real.contains("/orgs/") { "ORG" } else { "GROUP" }),
                ];
                assert_eq!(real_answer.status, 404, "{} {real}", row.number);
                assert_eq!(
                    apart_from(&real_answer, &ids),
                    apart_from(&made_up_answer, &ids),
                    "{} {real}",
                    row.number
                );
            }
        }
    }
    assert_eq!(stage.app.log_head().await, head, "nothing was applied");
    assert_eq!(stage.get(&one).await.json(), before);
}

/// Neither do its projects and settings, nor can it be made the home of a project.
#[tokio::test]
async fn nothing_is_made_or_changed_in_another_organization() {
    let stage = Stage::start().await;
    let stranger = stage.app.token(&stage.app.stranger).await;
    let head = stage.app.log_head().await;
    let (org, group) = (&stage.org, &stage.group);
    #[rustfmt::skip]
    let rows = [
        ("GET",    format!("/orgs/{org}"),                 Value::Null),
        ("PATCH",  format!("/orgs/{org}"),                 json!({"name": "mine"})),
        ("DELETE", format!("/orgs/{org}"),                 Value::Null),
        ("GET",    format!("/orgs/{org}/settings"),        Value::Null),
        ("PATCH",  format!("/orgs/{org}/settings"),        json!({"apiAccessListRequired": true})),
        ("POST",   "/groups".to_owned(),                   json!({"name": "mine", "orgId": org})),
        ("GET",    format!("/groups/{group}"),             Value::Null),
        ("PATCH",  format!("/groups/{group}"),             json!({"name": "mine"})),
        ("DELETE", format!("/groups/{group}"),             Value::Null),
    ];
    for root in ROOTS {
        for (method, path, body) in &rows {
            let target = format!("{root}{path}");
            let real = stage.ask(&stranger, method, &target, body).await;
            let [path, body] = [&target, &body.to_string()]
                .map(|text| text.replace(org, NO_ONE).replace(group, NO_ONE));
            let body = serde_json::from_str(&body).unwrap();
            let made_up = stage.ask(&stranger, method, &path, &body).await;
            assert_eq!(real.status, 404, "{method} {target}");
            let ids = [(&**org, "ID"), (&**group, "ID"), (NO_ONE, "ID")];
            assert_eq!(apart_from(&real, &ids), apart_from(&made_up, &ids), "{method} {target}");
        }
    }
    assert_eq!(stage.app.log_head().await, head, "nothing was applied");
}
