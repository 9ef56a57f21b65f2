//! `POST /api/oauth/introspect` (oauth-endpoints.md 7, RFC 7662): a service account may ask about
//! the tokens of its own organization, and learns nothing of others.

use serde_json::json;

use crate::{
    app::{INTROSPECT, ISSUER, TestApp},
    literal::{INACTIVE, INVALID_CLIENT, INVALID_REQUEST},
    revoke::not_tokens,
};

#[tokio::test]
async fn a_live_token_is_described_to_its_own_organization() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    app.clock.move_to(100);
    for caller in [&app.owner, &app.neighbour] {
        let answer = app.introspect(caller, &token).await;
        assert_eq!(answer.status, 200);
        let said = answer.json();
        assert!(said["jti"].is_string(), "{said}");
        assert_eq!(
            said,
            json!({
                "active": true,
                "client_id": app.owner.id,
                "token_type": "Bearer",
                "exp": 1_740_819_600 + 3600,
                "iat": 1_740_819_600,
                "sub": app.owner.id,
                "aud": "api://admin",
                "iss": ISSUER,
                "jti": said["jti"],
            })
        );
        assert!(answer.text().starts_with(r#"{"active":true,"#), "{said}");
        assert_eq!(answer.lines("content-type"), ["application/json"]);
        assert_eq!(answer.lines("cache-control"), ["no-store"]);
    }
}

#[tokio::test]
async fn everything_else_is_inactive_and_no_more_is_said() {
    let app = TestApp::start().await;
    let live = app.token(&app.owner).await;
    let of_stranger = app.token(&app.stranger).await;
    let revoked = app.token(&app.owner).await;
    assert_eq!(app.revoke(&app.owner, &revoked).await.status, 200);
    let elsewhere = TestApp::start().await;
    let mut rows = not_tokens(&live, &elsewhere.token(&elsewhere.owner).await);
    rows.push(("revoked", revoked));
    rows.push(("of another organization", of_stranger.clone()));
    for (row, token) in rows {
        let answer = app.introspect(&app.owner, &token).await;
        assert_eq!(answer.outcome(), INACTIVE, "row: {row}");
        assert_eq!(answer.lines("cache-control"), ["no-store"], "row: {row}");
    }
    assert_eq!(app.introspect(&app.stranger, &live).await.outcome(), INACTIVE);
    assert_eq!(app.introspect(&app.stranger, &of_stranger).await.json()["active"], true);
    app.clock.move_to(3600);
    assert_eq!(app.introspect(&app.owner, &live).await.outcome(), INACTIVE, "expired");
}

#[tokio::test]
async fn a_hint_changes_nothing() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    for hint in ["access_token", "refresh_token", "anything"] {
        let body = format!("token={token}&token_type_hint={hint}");
        let answer = app.post(INTROSPECT).by(&app.owner).form(&body).send().await;
        assert_eq!(answer.json()["active"], true, "{hint}");
    }
}

#[tokio::test]
async fn nobody_is_told_anything_without_credentials() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let form = format!("token={token}");
    let answer = app.post(INTROSPECT).form(&form).send().await;
    assert_eq!(answer.outcome(), INVALID_CLIENT, "none");
    let answer = app.post(INTROSPECT).basic(&app.owner.id, "wrong").form(&form).send().await;
    assert_eq!(answer.outcome(), INVALID_CLIENT, "wrong ones");
    let answer = app.post(INTROSPECT).bearer(&token).form(&form).send().await;
    assert_eq!(answer.outcome(), INVALID_CLIENT, "a token");
    let answer = app.post(INTROSPECT).by(&app.owner).form("").send().await;
    assert_eq!(answer.outcome(), INVALID_REQUEST, "no token to ask about");
}
