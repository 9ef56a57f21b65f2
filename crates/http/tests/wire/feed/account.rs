//! `GET /api/oauth/accounts/{clientId}`.

use serde_json::json;

use crate::app::TestApp;

#[tokio::test]
async fn an_account_is_shown_with_what_it_may_do_and_from_where() {
    let app = TestApp::start().await;
    let mine = app.token(&app.owner).await;
    let path = format!("/api/oauth/accounts/{}", app.neighbour.id);
    let answer = app.get(&path).bearer(&mine).send().await;
    assert_eq!(
        answer.json(),
        json!({
            "clientId": app.neighbour.id, "orgId": app.owner.org_id, "roles": ["ORG_MEMBER"],
            "groups": [], "accessListRequired": false,
        })
    );
    assert_eq!(answer.lines("rescind-event"), [&*app.log_head().await.0.to_string()]);

    let list = format!(
        "/api/public/v1.0/orgs/{}/serviceAccounts/{}/accessList",
        app.owner.org_id, app.neighbour.id
    );
    let call = app.post(&list).bearer(&mine).header("content-type", "application/json");
    let added = call.body(r#"[{"cidrBlock":"10.0.0.0/8"},{"ipAddress":"192.0.2.7"}]"#).send().await;
    assert_eq!(added.status, 200, "{}", added.text());
    let answer = app.get(&path).bearer(&mine).send().await;
    assert_eq!(answer.json()["accessList"], json!(["192.0.2.7/32", "10.0.0.0/8"]));
}

#[tokio::test]
async fn an_account_of_another_organization_is_not_there() {
    let app = TestApp::start().await;
    let mine = app.token(&app.owner).await;
    for id in [&*app.stranger.id, "mdb_sa_id_000000000000000000000000", "x"] {
        let answer = app.get(&format!("/api/oauth/accounts/{id}")).bearer(&mine).send().await;
        assert_eq!(answer.status, 404, "{id}");
    }
    let path = format!("/api/oauth/accounts/{}", app.neighbour.id);
    assert_eq!(app.get(&path).send().await.status, 401);
}
