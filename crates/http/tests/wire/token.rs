//! `POST /api/oauth/token` (oauth-endpoints.md 2.1, 5.1 rows 9 and 10, 6.1).

use crate::{
    app::{Account, TOKEN, TestApp},
    literal::{INVALID_REQUEST, UNSUPPORTED_GRANT_TYPE},
};

/// 2.1: the order and the types of the members, and nothing besides them.
#[tokio::test]
async fn a_token_is_answered_in_the_very_shape_of_the_contract() {
    let app = TestApp::start().await;
    let form = "grant_type=client_credentials&scope=ORG_MCP_ACCESS";
    let answer = app.post(TOKEN).by(&app.owner).form(form).send().await;
    assert_eq!(answer.status, 200);
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(
        answer.text(),
        format!(r#"{{"access_token":"{token}","expires_in":3600,"token_type":"Bearer"}}"#)
    );
    assert_eq!(answer.lines("content-type"), ["application/json"]);
    assert_eq!(answer.lines("cache-control"), ["no-store"]);
    assert_eq!(answer.lines("pragma"), ["no-cache"]);
}

/// clients.md 2: curl sends a token as it is, in headers and in forms.
#[tokio::test]
async fn a_token_needs_no_escaping_anywhere() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    assert!(token.bytes().all(plain), "{token}");
    assert_eq!(token.split('.').count(), 3);
}

#[tokio::test]
async fn only_client_credentials_are_granted() {
    let app = TestApp::start().await;
    let rows = [
        ("row 9: missing", "scope=a", INVALID_REQUEST),
        ("row 9: empty", "grant_type=", INVALID_REQUEST),
        ("row 10: another", "grant_type=password", UNSUPPORTED_GRANT_TYPE),
        ("row 10: another", "grant_type=refresh_token&refresh_token=x", UNSUPPORTED_GRANT_TYPE),
        ("row 10: other letters", "grant_type=Client_Credentials", UNSUPPORTED_GRANT_TYPE),
        ("row 10: a space after it", "grant_type=client_credentials%20", UNSUPPORTED_GRANT_TYPE),
        ("row 10: only a space", "grant_type=%20", UNSUPPORTED_GRANT_TYPE),
    ];
    for (row, form, expected) in rows {
        let answer = app.post(TOKEN).by(&app.owner).form(form).send().await;
        assert_eq!(answer.outcome(), expected, "{row}: {form}");
    }
}

/// 6.1: every call mints a new token, older ones stay valid, each dies on its own.
#[tokio::test]
async fn a_new_token_leaves_older_ones_alone() {
    let app = TestApp::start().await;
    let first = app.token(&app.owner).await;
    let second = app.token(&app.owner).await;
    assert_ne!(first, second);
    assert!(app.is_alive(&app.owner, &first).await);
    assert!(app.is_alive(&app.owner, &second).await);
}

/// 6.1, and RFC 7519 section 4.1.4: "on or after" the second that it names, a token is dead.
#[tokio::test]
async fn a_token_dies_at_the_very_second_that_it_names() {
    let app = TestApp::start().await;
    app.clock.move_to(10);
    let token = app.token(&app.owner).await;
    for (second, alive) in [(10, true), (3609, true), (3610, false), (3611, false), (90_000, false)]
    {
        app.clock.move_to(second);
        assert_eq!(app.is_alive(&app.owner, &token).await, alive, "at second {second}");
    }
}

/// 6.1: a token runs to its `exp` although the secret that minted it has expired.
#[tokio::test]
async fn the_expiry_of_a_secret_does_not_end_its_tokens() {
    let app = TestApp::start().await;
    let Account { id, .. } = &app.neighbour;
    app.clock.move_to(7199);
    let token = app.token(&app.neighbour).await;
    app.clock.move_to(7200);
    let form = "grant_type=client_credentials";
    let answer = app.post(TOKEN).basic(id, app.neighbour.secret()).form(form).send().await;
    assert_eq!(answer.status, 401, "the secret has expired");
    for (second, alive) in [(7200, true), (10_798, true), (10_799, false)] {
        app.clock.move_to(second);
        assert_eq!(app.is_alive(&app.owner, &token).await, alive, "at second {second}");
    }
}

/// Lists close after five minutes: whoever asks later gets a token of another one, just as good.
#[tokio::test]
async fn tokens_of_all_hours_can_be_revoked_one_by_one() {
    let app = TestApp::start().await;
    let mut tokens = Vec::new();
    for minute in 0..20 {
        app.clock.move_to(minute * 60);
        tokens.push(app.token(&app.owner).await);
    }
    for (n, token) in tokens.iter().enumerate().filter(|(n, _)| n % 2 == 0) {
        assert_eq!(app.revoke(&app.owner, token).await.status, 200, "token {n}");
    }
    for (n, token) in tokens.iter().enumerate() {
        assert_eq!(app.is_alive(&app.owner, token).await, n % 2 == 1, "token {n}");
    }
}
