//! `GET /statuslists` and `/statuslists/{list}` (IETF Token Status List).

use std::{collections::BTreeSet, io::Read as _, time::Instant};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use flate2::read::ZlibDecoder;
use rescind_core::{clock::Clock as _, status_list::Term};
use tokio::task::JoinSet;

use super::{payload, status};
use crate::{
    app::{ISSUER, TestApp},
    call::Answer,
};

async fn list_of(app: &TestApp, token: &str) -> Answer {
    app.get(&format!("/statuslists/{}", status(token).0)).send().await
}

fn is_set(answer: &Answer, index: u32) -> bool {
    let lst = payload(answer.text())["status_list"]["lst"].as_str().unwrap().to_owned();
    let mut bytes = Vec::new();
    ZlibDecoder::new(&*URL_SAFE_NO_PAD.decode(lst).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes[index as usize / 8] >> (index % 8) & 1 == 1
}

#[tokio::test]
async fn a_list_shows_what_is_revoked_as_soon_as_that_is_answered() {
    let app = TestApp::start().await;
    let (dead, alive) = (app.token(&app.owner).await, app.token(&app.owner).await);
    for _ in 0..2 {
        let answer = list_of(&app, &dead).await;
        assert_eq!(answer.status, 200);
        assert!(!is_set(&answer, status(&dead).1));
    }
    app.revoke(&app.owner, &dead).await;
    let answer = list_of(&app, &dead).await;
    assert_eq!(answer.lines("content-type"), ["application/statuslist+jwt"]);
    assert_eq!(answer.lines("cache-control"), ["public, max-age=60"]);
    assert_eq!(answer.lines("vary"), ["Accept"]);
    assert!(is_set(&answer, status(&dead).1));
    assert!(!is_set(&answer, status(&alive).1));
    let claims = payload(answer.text());
    assert_eq!(claims["sub"], format!("{ISSUER}/statuslists/{}", status(&dead).0));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 300);
    assert_eq!(claims["ttl"], 60);
}

#[tokio::test]
async fn every_answer_says_up_to_which_event_it_is_true() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let event = |answer: &Answer| answer.lines("rescind-event")[0].parse::<u64>().unwrap();
    let before = event(&list_of(&app, &token).await);
    let revoked = event(&app.revoke(&app.owner, &token).await);
    assert_eq!(revoked, before + 1);
    assert_eq!(event(&list_of(&app, &token).await), revoked);
    assert_eq!(event(&app.get("/statuslists").send().await), revoked);
    assert_eq!(revoked, app.log_head().await.0);
    // Dead already: true up to now.
    assert_eq!(event(&app.revoke(&app.owner, &token).await), revoked);
}

#[tokio::test]
async fn whoever_has_it_already_is_told_so() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let path = format!("/statuslists/{}", status(&token).0);
    let first = app.get(&path).send().await;
    let etag = first.lines("etag")[0].to_owned();
    for known in [etag.clone(), format!("W/{etag}"), format!("\"x\", {etag}"), "*".to_owned()] {
        let answer = app.get(&path).header("if-none-match", &known).send().await;
        assert_eq!(answer.outcome(), (304, ""), "{known}");
        assert_eq!(answer.lines("etag"), [&*etag]);
        assert_eq!(answer.lines("rescind-event").len(), 1);
    }
    app.revoke(&app.owner, &token).await;
    let answer = app.get(&path).header("if-none-match", &etag).send().await;
    assert_eq!(answer.status, 200);
    assert_ne!(answer.lines("etag"), [&*etag]);
}

/// Anybody may ask, and to sign one is work.
#[tokio::test]
async fn a_list_that_changes_fast_is_signed_ten_times_a_second_at_most() {
    let app = TestApp::start().await;
    let mut tokens = Vec::new();
    for _ in 0..20 {
        tokens.push(app.token(&app.owner).await);
    }
    list_of(&app, &tokens[0]).await;
    let started = Instant::now();
    let mut asking = JoinSet::new();
    for token in &tokens {
        app.revoke(&app.owner, token).await;
        let (call, index) =
            (app.get(&format!("/statuslists/{}", status(token).0)), status(token).1);
        asking.spawn(async move { (call.send().await, index) });
        tokio::task::yield_now().await;
    }
    let answers = asking.join_all().await;
    assert!(answers.iter().all(|(answer, index)| is_set(answer, *index)), "none is too old");
    let signed: BTreeSet<_> = answers.iter().map(|(answer, _)| answer.lines("etag")[0]).collect();
    let most = started.elapsed().as_millis() / 100 + 1;
    assert!(signed.len() as u128 <= most, "{} signed, {most} at most", signed.len());
}

#[tokio::test]
async fn it_is_signed_anew_while_it_still_holds() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let first = list_of(&app, &token).await;
    app.clock.move_to(149);
    assert_eq!(list_of(&app, &token).await.text(), first.text());
    app.clock.move_to(150);
    let renewed = payload(list_of(&app, &token).await.text());
    assert_eq!(renewed["iat"], app.clock.now().as_second());
}

#[tokio::test]
async fn a_list_that_has_died_is_not_there() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let term = Term::starting(app.clock.now());
    let dies = term.dies_at.as_second() - app.clock.now().as_second();
    app.clock.move_to(dies - 1);
    assert_eq!(list_of(&app, &token).await.status, 200);
    app.clock.move_to(dies);
    assert_eq!(list_of(&app, &token).await.status, 404);
    let all = app.get("/statuslists").send().await;
    assert_eq!(all.text(), r#"{"status_lists":[]}"#);
}

#[tokio::test]
async fn a_list_that_never_was_is_not_there() {
    let app = TestApp::start().await;
    let number = status(&app.token(&app.owner).await).0;
    for list in ["0", "999999", "x", "-1", &format!("0{number}"), &format!("+{number}"), "%20"] {
        let answer = app.get(&format!("/statuslists/{list}")).send().await;
        assert_eq!(answer.status, 404, "{list}");
    }
}

#[tokio::test]
async fn a_list_is_a_jwt_or_nothing() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let path = format!("/statuslists/{}", status(&token).0);
    let rows = [
        ("application/statuslist+jwt", 200),
        ("application/statuslist+cwt, application/statuslist+jwt;q=0.5", 200),
        ("APPLICATION/StatusList+JWT", 200),
        ("*/*", 200),
        ("application/*;q=0.1", 200),
        ("application/statuslist+cwt", 406),
        ("application/statuslist+jwt;q=0", 406),
        ("text/html", 406),
    ];
    for (accepted, status) in rows {
        let answer = app.get(&path).header("accept", accepted).send().await;
        assert_eq!(answer.status, status, "{accepted}");
    }
}

#[tokio::test]
async fn all_lists_are_found_from_the_metadata() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let metadata = app.get("/.well-known/oauth-authorization-server").send().await.json();
    let uri = metadata["status_list_aggregation_endpoint"].as_str().unwrap();
    let answer = app.get(uri.strip_prefix(ISSUER).unwrap()).send().await;
    let expected = payload(&token)["status"]["status_list"]["uri"].clone();
    assert_eq!(answer.json()["status_lists"], serde_json::json!([expected]));
}
