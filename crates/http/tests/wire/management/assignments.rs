//! Which projects an account is assigned to (service-accounts-api.md 6).

use serde_json::{Value, json};

use super::{
    literal::no_resource,
    stage::{Stage, new_account},
};
use crate::app::ISSUER;

/// Row P5: "200 with the SA object whose `roles` are this project's". Assigned again, it has the
/// new roles instead.
#[tokio::test]
async fn an_invited_account_has_its_roles_in_the_project() {
    let stage = Stage::start().await;
    let account = stage.account(&["ORG_READ_ONLY"]).await;
    let one = format!("{}/{}", stage.of_group(), account.id);
    let mut expected = stage.get(&format!("{}/{}", stage.of_org(), account.id)).await.json();
    for role in ["GROUP_READ_ONLY", "GROUP_BACKUP_ADMIN"] {
        let answer = stage.post(&format!("{one}:invite"), json!({"roles": [role]})).await;
        expected["roles"] = json!([role]);
        assert_eq!((answer.status, answer.json()), (200, expected.clone()));
        assert_eq!(stage.get(&one).await.json(), expected);
        assert_eq!(stage.get(&stage.of_group()).await.json()["results"], json!([expected]));
    }
    let from_org = stage.get(&format!("{}/{}", stage.of_org(), account.id)).await.json();
    assert_eq!(from_org["roles"], json!(["ORG_READ_ONLY"]));
}

/// Row P6: "the SA stays in the org; its credentials stay active"; its rights in the project end,
/// also for tokens that it has.
#[tokio::test]
async fn an_account_taken_off_a_project_lives_on_without_rights_there() {
    let stage = Stage::start().await;
    let account = stage.account(&["GROUP_OWNER"]).await;
    let token = stage.token(&account).await;
    let one = format!("{}/{}", stage.of_group(), account.id);
    let target = format!("/api/public/v1.0{}", stage.of_group());
    assert_eq!(stage.ask(&token, "GET", &target, &Value::Null).await.status, 200);
    assert_eq!(stage.delete(&one).await.outcome(), (204, ""));
    assert_eq!(stage.ask(&token, "GET", &target, &Value::Null).await.status, 401);
    assert!(stage.opens(&token).await);
    stage.token(&account).await;
    let from_org = stage.get(&format!("{}/{}", stage.of_org(), account.id)).await;
    assert_eq!(from_org.status, 200);
    let gone = no_resource(&account.id);
    stage.refuses("P6 when not assigned", ("DELETE", &one, Value::Null), &gone).await;
    stage.refuses("P3", ("GET", &one, Value::Null), &gone).await;
}

/// Row O8, to the letter.
#[tokio::test]
async fn the_projects_of_an_account_are_listed_with_its_roles() {
    let stage = Stage::start().await;
    let created = stage.post(&stage.of_group(), new_account(&["GROUP_READ_ONLY"])).await.json();
    let id = created["clientId"].as_str().unwrap();
    let group = &stage.group;
    for slash in ["", "/"] {
        let path = format!("{}/{id}/groups{slash}", stage.of_org());
        let expected = format!(
            r#"{{"links":[{{"href":"{ISSUER}/api/public/v1.0{path}?pageNum=1&itemsPerPage=100","rel":"self"}}],"results":[{{"groupId":"{group}","roles":["GROUP_READ_ONLY"]}}],"totalCount":1}}"#
        );
        assert_eq!(stage.get(&path).await.outcome(), (200, expected.as_str()));
    }
    let second = json!({"name": "second", "orgId": stage.org});
    let second = stage.post("/groups", second).await.json()["id"].as_str().unwrap().to_owned();
    let invite = format!("/groups/{second}/serviceAccounts/{id}:invite");
    assert_eq!(stage.post(&invite, json!({"roles": ["GROUP_OWNER"]})).await.status, 200);
    let list = stage.get(&format!("{}/{id}/groups", stage.of_org())).await.json();
    assert_eq!(list["totalCount"], 2);
    let listed = list["results"].as_array().unwrap();
    assert!(listed.contains(&json!({"groupId": second, "roles": ["GROUP_OWNER"]})), "{list}");
    assert!(listed.contains(&json!({"groupId": group, "roles": ["GROUP_READ_ONLY"]})), "{list}");
}
