//! How many live tokens a service account can have (oauth-endpoints.md 4 and 5.1 row 11).

use std::num::NonZeroU32;

use rescind_authority::Limits;

use crate::{
    app::{Account, TOKEN, TestApp},
    call::Answer,
    literal::{INVALID_CLIENT, INVALID_REQUEST, Outcome, UNSUPPORTED_GRANT_TYPE},
};

const GRANT: &str = "grant_type=client_credentials";

const QUOTA_REACHED: Outcome = (
    403,
    r#"{"error_description":"Access Token limit reached. Please use the existing Access Tokens or create a new Service Account.","error":"access_denied"}"#,
);

async fn limited_to(live_tokens: u32) -> TestApp {
    let live_tokens = NonZeroU32::new(live_tokens);
    TestApp::start_limited(Limits { live_tokens, ..Limits::default() }).await
}

async fn ask(app: &TestApp, account: &Account) -> Answer {
    app.post(TOKEN).by(account).form(GRANT).send().await
}

#[tokio::test]
async fn the_hundred_and_first_live_token_is_refused_to_the_letter() {
    let app = limited_to(100).await;
    let mut tokens = Vec::new();
    for _ in 0..100 {
        tokens.push(app.token(&app.neighbour).await);
    }
    assert_eq!(ask(&app, &app.neighbour).await.outcome(), QUOTA_REACHED);
    for token in [&tokens[0], &tokens[99]] {
        assert!(app.is_alive(&app.neighbour, token).await, "the others live on");
    }
    assert_eq!(ask(&app, &app.owner).await.status, 200, "another account");
}

#[tokio::test]
async fn a_revocation_makes_room_for_one_and_no_more() {
    let app = limited_to(2).await;
    let (first, _second) = (app.token(&app.owner).await, app.token(&app.owner).await);
    for token in [first, app.token(&app.stranger).await, "x".to_owned()] {
        app.revoke(&app.owner, &token).await;
    }
    assert_eq!(ask(&app, &app.owner).await.status, 200);
    assert_eq!(ask(&app, &app.owner).await.outcome(), QUOTA_REACHED);
}

#[tokio::test]
async fn taking_back_all_tokens_makes_room_for_all() {
    let app = limited_to(2).await;
    let token = app.token(&app.owner).await;
    let _other = app.token(&app.owner).await;
    let (org, id) = (app.owner.org_id, &app.owner.id);
    let all = format!("/api/public/v1.0/orgs/{org}/serviceAccounts/{id}/tokens");
    let answer = app.call("DELETE", &all).bearer(&token).send().await;
    assert_eq!(answer.status, 204, "{}", answer.text());
    for status in [200, 200, 403] {
        assert_eq!(ask(&app, &app.owner).await.status, status);
    }
}

#[tokio::test]
async fn an_expired_token_has_left_the_count_five_minutes_later() {
    let app = limited_to(1).await;
    let _token = app.token(&app.owner).await;
    app.clock.move_to(3599);
    assert_eq!(ask(&app, &app.owner).await.outcome(), QUOTA_REACHED);
    app.clock.move_to(3600 + 300);
    assert_eq!(ask(&app, &app.owner).await.status, 200);
}

/// oauth-endpoints.md 5.1: row 11 is the last one.
#[tokio::test]
async fn whoever_has_no_room_learns_of_everything_else_first() {
    let app = limited_to(1).await;
    let _token = app.token(&app.owner).await;
    let wrong_secret = app.post(TOKEN).basic(&app.owner.id, "wrong");
    let rows = [
        ("4", app.post(TOKEN).by(&app.owner).form("grant_type=%zz"), INVALID_REQUEST),
        ("7", wrong_secret.form(GRANT), INVALID_CLIENT),
        ("9", app.post(TOKEN).by(&app.owner).form(""), INVALID_REQUEST),
        ("10", app.post(TOKEN).by(&app.owner).form("grant_type=x"), UNSUPPORTED_GRANT_TYPE),
        ("11", app.post(TOKEN).by(&app.owner).form(GRANT), QUOTA_REACHED),
    ];
    for (row, call, expected) in rows {
        assert_eq!(call.send().await.outcome(), expected, "row: {row}");
    }
}
