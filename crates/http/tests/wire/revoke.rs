//! `POST /api/oauth/revoke` (oauth-endpoints.md 2.2, 5.2): the answer, and afterwards whether the
//! token is really alive.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use tokio::task::JoinSet;

use crate::{
    app::{REVOKE, TestApp},
    literal::{INVALID_GRANT, INVALID_REQUEST, REVOKED},
};

#[tokio::test]
async fn a_live_token_is_dead_after_the_200() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    assert!(app.is_alive(&app.owner, &token).await);
    let answer = app.revoke(&app.owner, &token).await;
    assert_eq!(answer.outcome(), REVOKED);
    assert_eq!(answer.lines("content-type"), ["application/json"]);
    assert_eq!(answer.lines("content-length"), ["0"]);
    assert!(!app.is_alive(&app.owner, &token).await);
}

/// RFC 7009 section 2.1: whatever the hint says, all tokens are searched.
#[tokio::test]
async fn a_hint_never_keeps_a_token_alive() {
    let app = TestApp::start().await;
    for hint in ["access_token", "refresh_token", "id_token", "", "%00", "refresh_token+x"] {
        let token = app.token(&app.owner).await;
        for body in [
            format!("token={token}&token_type_hint={hint}"),
            format!("token_type_hint={hint}&token={}", app.token(&app.owner).await),
        ] {
            let answer = app.post(REVOKE).by(&app.owner).form(&body).send().await;
            assert_eq!(answer.outcome(), REVOKED, "hint: {hint}");
        }
        assert!(!app.is_alive(&app.owner, &token).await, "hint: {hint}");
    }
}

/// Rows "live" and "minted under another of its secrets": ownership is by client.
#[tokio::test]
async fn any_secret_of_an_account_revokes_its_tokens() {
    let app = TestApp::start().await;
    let [first, second] = &app.neighbour.secrets[..] else { panic!("two secrets") };
    for (minted_by, revoked_by) in [(first, first), (first, second), (second, first)] {
        let token = app.token_by(&app.neighbour, minted_by).await;
        let call = app.post(REVOKE).basic(&app.neighbour.id, revoked_by);
        let answer = call.form(&format!("token={token}")).send().await;
        assert_eq!(answer.outcome(), REVOKED);
        assert!(!app.is_alive(&app.owner, &token).await);
    }
}

#[tokio::test]
async fn no_other_token_dies_with_it() {
    let app = TestApp::start().await;
    let [first, second] = &app.neighbour.secrets[..] else { panic!("two secrets") };
    let mut others = Vec::new();
    for _ in 0..70 {
        others.push((&app.owner, app.token_by(&app.neighbour, first).await));
    }
    let token = app.token_by(&app.neighbour, first).await;
    for _ in 0..70 {
        others.push((&app.owner, app.token_by(&app.neighbour, first).await));
    }
    others.push((&app.owner, app.token_by(&app.neighbour, second).await));
    others.push((&app.owner, app.token(&app.owner).await));
    others.push((&app.stranger, app.token(&app.stranger).await));
    assert_eq!(app.revoke(&app.neighbour, &token).await.outcome(), REVOKED);
    assert!(!app.is_alive(&app.owner, &token).await);
    for (n, (holder, other)) in others.iter().enumerate() {
        assert!(app.is_alive(holder, other).await, "token {n}");
    }
}

/// Rows "already revoked" and "expired", for its own account and for another.
#[tokio::test]
async fn a_dead_token_is_a_success_for_whoever_presents_it() {
    let app = TestApp::start().await;
    let revoked = app.token(&app.owner).await;
    assert_eq!(app.revoke(&app.owner, &revoked).await.outcome(), REVOKED);
    let expired = app.token(&app.owner).await;
    for caller in [&app.owner, &app.neighbour, &app.stranger] {
        assert_eq!(app.revoke(caller, &revoked).await.outcome(), REVOKED, "revoked");
    }
    app.clock.move_to(3599);
    assert_eq!(app.revoke(&app.neighbour, &expired).await.outcome(), INVALID_GRANT, "still alive");
    app.clock.move_to(3600);
    let head = app.log_head().await;
    for caller in [&app.owner, &app.neighbour, &app.stranger] {
        assert_eq!(app.revoke(caller, &expired).await.outcome(), REVOKED, "expired");
    }
    assert_eq!(app.log_head().await, head, "there is nothing to write down");
    // Long after, when its status list has been forgotten, it is still the same.
    app.clock.move_to(7000);
    app.authority.upkeep().await;
    for token in [&revoked, &expired] {
        assert_eq!(app.revoke(&app.stranger, token).await.outcome(), REVOKED, "forgotten");
        assert!(!app.is_alive(&app.owner, token).await);
    }
}

/// Row "live, issued to another SA (also one in the same org)".
#[tokio::test]
async fn a_live_token_of_another_account_is_left_alive() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let head = app.log_head().await;
    for caller in [&app.neighbour, &app.stranger] {
        for hint in ["", "&token_type_hint=access_token", "&token_type_hint=refresh_token"] {
            let body = format!("token={token}{hint}");
            let answer = app.post(REVOKE).by(caller).form(&body).send().await;
            assert_eq!(answer.outcome(), INVALID_GRANT, "{hint}");
        }
    }
    assert_eq!(app.log_head().await, head);
    assert!(app.is_alive(&app.owner, &token).await);
}

/// Row "unknown, garbage, altered signature, not a JWT": the goal is met.
#[tokio::test]
async fn what_is_no_token_of_ours_is_a_success_and_kills_nothing() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let elsewhere = TestApp::start().await;
    let head = app.log_head().await;
    for (row, text) in not_tokens(&token, &elsewhere.token(&elsewhere.owner).await) {
        for hint in ["", "&token_type_hint=access_token", "&token_type_hint=refresh_token"] {
            let body = format!("token={text}{hint}");
            let answer = app.post(REVOKE).by(&app.owner).form(&body).send().await;
            assert_eq!(answer.outcome(), REVOKED, "row: {row}{hint}");
        }
        assert!(!app.is_alive(&app.owner, &text).await, "row: {row}");
    }
    assert_eq!(app.log_head().await, head, "there is nothing to write down");
    assert!(app.is_alive(&app.owner, &token).await);
}

/// Texts that are no token of this installation, made of `token`, which is one, and of
/// `elsewhere`, which is one of another installation.
pub(crate) fn not_tokens(token: &str, elsewhere: &str) -> Vec<(&'static str, String)> {
    let [header, payload, signature] = &token.split('.').collect::<Vec<_>>()[..] else {
        panic!("three parts")
    };
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let decoded = String::from_utf8(URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    let longer_lived = encode(&decoded.replace("\"exp\":17408", "\"exp\":19408"));
    assert_ne!(longer_lived, *payload);
    let unsigned = encode(r#"{"alg":"none","typ":"JWT"}"#);
    let first_bit = if signature.starts_with('A') { "B" } else { "A" };
    let other_signature = format!("{first_bit}{}", &signature[1..]);
    vec![
        ("one letter", "a".to_owned()),
        ("garbage", "no-token-at-all".to_owned()),
        ("a UUID", "6b1f0c2d-9a4e-4783-8c0d-9e116b1f0c2d".to_owned()),
        ("a NUL", "%00".to_owned()),
        ("dots", "..".to_owned()),
        ("unsigned", format!("{unsigned}.{payload}.")),
        ("unsigned, with a signature", format!("{unsigned}.{payload}.{signature}")),
        ("no signature", format!("{header}.{payload}.")),
        ("no dot before the signature", format!("{header}.{payload}")),
        ("an altered signature", format!("{header}.{payload}.{other_signature}")),
        ("an altered payload", format!("{header}.{longer_lived}.{signature}")),
        ("another key's signature", {
            let (_, theirs) = elsewhere.rsplit_once('.').unwrap();
            format!("{header}.{payload}.{theirs}")
        }),
        ("a token of another installation", elsewhere.to_owned()),
        ("padding after it", format!("{token}%3D%3D")),
        ("a space after it", format!("{token}+")),
        ("a part more", format!("{token}.{signature}")),
        ("half of it", token[..token.len() / 2].to_owned()),
        ("twice", format!("{token}{token}")),
        ("60 kB", "A".repeat(60_000)),
        ("60 kB that begin like a token", format!("{token}{}", "A".repeat(60_000))),
    ]
}

/// Row "idempotence, concurrency".
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_revocations_of_one_token_all_succeed() {
    let app = TestApp::start().await;
    let (token, other) = (app.token(&app.owner).await, app.token(&app.owner).await);
    let mut revocations = JoinSet::new();
    for _ in 0..50 {
        let call = app.post(REVOKE).by(&app.owner).form(&format!("token={token}"));
        revocations.spawn(call.send());
    }
    for answer in revocations.join_all().await {
        assert_eq!(answer.outcome(), REVOKED);
    }
    assert!(!app.is_alive(&app.owner, &token).await);
    assert!(app.is_alive(&app.owner, &other).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_tokens_revoked_at_once_are_all_dead() {
    let app = TestApp::start().await;
    let mut tokens = Vec::new();
    for _ in 0..100 {
        tokens.push(app.token(&app.owner).await);
    }
    let survivor = app.token(&app.owner).await;
    let mut revocations = JoinSet::new();
    for token in &tokens {
        revocations.spawn(app.post(REVOKE).by(&app.owner).form(&format!("token={token}")).send());
    }
    for answer in revocations.join_all().await {
        assert_eq!(answer.outcome(), REVOKED);
    }
    for token in &tokens {
        assert!(!app.is_alive(&app.owner, token).await);
    }
    assert!(app.is_alive(&app.owner, &survivor).await);
}

/// 5.1, row 9.
#[tokio::test]
async fn a_missing_token_is_a_bad_request() {
    let app = TestApp::start().await;
    for body in ["", "token=", "token_type_hint=access_token", "access_token=x"] {
        let answer = app.post(REVOKE).by(&app.owner).form(body).send().await;
        assert_eq!(answer.outcome(), INVALID_REQUEST, "{body:?}");
    }
}
