//! The events of an organization and of a project (service-accounts-api.md 10).

use serde_json::{Value, json};

use super::{
    literal::{denied, invalid_query},
    stage::{PUBLIC, Stage, assert_refused, new_account},
};

/// The types of the events at `path`, newest first.
async fn types(stage: &Stage, path: &str) -> Vec<String> {
    let answer = stage.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let results = answer.json()["results"].as_array().unwrap().clone();
    results.iter().map(|event| event["eventTypeName"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_change_of_an_account_is_an_event_with_the_name_of_the_contract() {
    let stage = Stage::start().await;
    let made = stage.account(&["ORG_MEMBER"]).await;
    let account = format!("{}/{}", stage.of_org(), made.id);
    let in_group = format!("{}/{}", stage.of_group(), made.id);
    stage.patch(&account, json!({"description": "changed"})).await;
    stage.patch(&account, json!({"roles": ["ORG_READ_ONLY"]})).await;
    stage.post(&format!("{in_group}:invite"), json!({"roles": ["GROUP_READ_ONLY"]})).await;
    stage.post(&format!("{in_group}:invite"), json!({"roles": ["GROUP_OWNER"]})).await;
    stage.patch(&in_group, json!({"roles": ["GROUP_READ_ONLY"]})).await;
    stage.delete(&in_group).await;
    stage.post(&format!("{account}/accessList"), json!([{"ipAddress": "198.51.100.7"}])).await;
    stage.delete(&format!("{account}/accessList/198.51.100.7")).await;
    stage.post(&format!("{account}/secrets"), json!({"secretExpiresAfterHours": 8})).await;
    stage.delete(&format!("{account}/secrets/{}", made.secret_id)).await;
    stage.delete(&account).await;
    let mut seen = types(&stage, &format!("/orgs/{}/events?itemsPerPage=13", stage.org)).await;
    seen.reverse();
    let expected = [
        "CREATED",
        "DETAILS_CHANGED",
        "ROLES_CHANGED",
        "ADDED_TO_GROUP",
        "ROLES_CHANGED",
        "ROLES_CHANGED",
        "REMOVED_FROM_GROUP",
        "ACCESS_LIST_ENTRY_ADDED",
        "ACCESS_LIST_ENTRY_DELETED",
        "SECRET_ADDED",
        "SECRET_DELETED",
        "DELETED",
    ]
    .map(|name| format!("SERVICE_ACCOUNT_{name}"));
    assert_eq!(seen[seen.len() - 12..], expected);
    let of_group = types(&stage, &format!("/groups/{}/events", stage.group)).await;
    let newest_first: Vec<_> = expected[3..7].iter().rev().cloned().collect();
    assert_eq!(of_group[..4], newest_first);
}

#[tokio::test]
async fn an_event_says_who_and_from_where_and_holds_no_secret() {
    let stage = Stage::start().await;
    let answer = stage.post(&stage.of_org(), new_account(&["ORG_MEMBER"])).await;
    let made = answer.json();
    let events = stage.get(&format!("/orgs/{}/events?itemsPerPage=1", stage.org)).await;
    let event = events.json()["results"][0].clone();
    assert_eq!(event["eventTypeName"], "SERVICE_ACCOUNT_CREATED");
    assert_eq!(event["orgId"], stage.org.as_str());
    assert_eq!(event["details"], json!({"clientId": made["clientId"]}));
    assert_eq!(event["created"], made["createdAt"]);
    assert_eq!(event["id"].as_str().unwrap().len(), 24);
    assert!(event["actor"].as_str().unwrap().starts_with("mdb_sa_id_"));
    assert!(event["remoteAddress"].is_string(), "{event}");
    let secret = made["secrets"][0]["secret"].as_str().unwrap();
    assert!(!events.text().contains(secret));
}

#[tokio::test]
async fn events_are_filtered_by_type_and_time_and_paged() {
    let stage = Stage::start().await;
    // The first account of all was made with the organization.
    for _ in 0..3 {
        stage.account(&["ORG_MEMBER"]).await;
    }
    let events = format!("/orgs/{}/events", stage.org);
    let created = "eventType=SERVICE_ACCOUNT_CREATED";
    assert_eq!(types(&stage, &format!("{events}?{created}")).await.len(), 4);
    assert_eq!(types(&stage, &format!("{events}?{created}&eventType=X")).await.len(), 4);
    assert_eq!(types(&stage, &format!("{events}?eventType=X")).await.len(), 0);
    assert_eq!(types(&stage, &format!("{events}?{created}&maxDate=1999-01-01")).await.len(), 0);
    assert_eq!(types(&stage, &format!("{events}?{created}&minDate=1999-01-01")).await.len(), 4);
    let page = stage.get(&format!("{events}?{created}&itemsPerPage=2&pageNum=2")).await.json();
    assert_eq!(page["results"].as_array().unwrap().len(), 2);
    assert_eq!(page["totalCount"], 4);
    let row = ("GET", &*format!("{events}?minDate=yesterday"), Value::Null);
    stage.refuses("not a date", row, &invalid_query("minDate")).await;
}

/// Who did what is for owners: of the organization, or of the project.
#[tokio::test]
async fn events_are_for_owners() {
    let stage = Stage::start().await;
    let member = stage.token(&stage.account(&["ORG_READ_ONLY"]).await).await;
    let path = format!("{PUBLIC}/orgs/{}/events", stage.org);
    let answer = stage.ask(&member, "GET", &path, &Value::Null).await;
    assert_refused("organization", &answer, &denied(401, "NOT_ORG_OWNER"));
    let path = format!("{PUBLIC}/groups/{}/events", stage.group);
    let answer = stage.ask(&member, "GET", &path, &Value::Null).await;
    assert_refused("project", &answer, &denied(401, "USER_UNAUTHORIZED"));
    let owner = stage.token(&stage.account(&["GROUP_OWNER"]).await).await;
    assert_eq!(stage.ask(&owner, "GET", &path, &Value::Null).await.status, 200);
}
