//! More than can be done (oauth-endpoints.md 5.1, row 2): 503, and nothing was done. How it comes to
//! be more than the listener lets in, is in `socket/limits`.

use std::time::Duration;

use tokio::time::advance;

use crate::{
    app::{Fault, TOKEN, TestApp},
    literal::OVERLOADED,
};

/// Longer than a commit may take.
const TOO_LONG: Duration = Duration::from_secs(3);

/// Makes the disk hang, and returns when that has been noticed.
async fn hang(app: &TestApp) {
    let token = app.token(&app.owner).await;
    app.store.fail(Fault::Hangs);
    let revoke = app.post(crate::app::REVOKE).by(&app.owner).form(&format!("token={token}"));
    tokio::spawn(revoke.send());
    tokio::task::yield_now().await;
    tokio::time::pause();
    advance(TOO_LONG).await;
    tokio::task::yield_now().await;
}

#[tokio::test]
async fn a_revocation_that_the_store_has_no_time_for_is_a_503_and_the_token_lives() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    hang(&app).await;
    let answer = app.revoke(&app.owner, &token).await;
    assert_eq!(answer.outcome(), OVERLOADED);
    assert_eq!(answer.lines("retry-after"), ["1"]);
    assert_eq!(answer.lines("connection"), [""; 0]);
    assert!(app.is_alive(&app.owner, &token).await);
    // What is dead already needs no store.
    assert_eq!(app.revoke(&app.owner, "garbage").await.status, 200);
}

#[tokio::test]
async fn tokens_are_issued_from_what_is_in_hand_and_then_no_more() {
    let app = TestApp::start().await;
    hang(&app).await;
    let mut issued = 0;
    let refused = loop {
        let call = app.post(TOKEN).by(&app.owner).form("grant_type=client_credentials");
        let answer = call.send().await;
        if answer.status != 200 {
            break answer;
        }
        issued += 1;
    };
    assert_eq!(issued, 63, "a block has 64 bits, and one was used");
    assert_eq!(refused.outcome(), OVERLOADED);
    assert_eq!(refused.lines("retry-after"), ["1"]);
    assert_eq!(refused.lines("cache-control"), [""; 0]);
}

/// conventions.md 2.2: the management API has a body for everything.
#[tokio::test]
async fn a_change_that_the_store_has_no_time_for_is_a_503_in_the_shape_of_the_api() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    hang(&app).await;
    for root in ["/api/public/v1.0", "/api/atlas/v2"] {
        let path = format!("{root}/orgs/{}", app.owner.org_id);
        let call = app.call("PATCH", &path).bearer(&token);
        let call = call.header("content-type", "application/json").body(r#"{"name":"other"}"#);
        let answer = call.send().await;
        let body = r#"{"detail":"The service is overloaded: try again later.","error":503,"errorCode":"SERVICE_UNAVAILABLE","parameters":[],"reason":"Service Unavailable"}"#;
        assert_eq!(answer.outcome(), (503, body), "{root}");
        assert_eq!(answer.lines("retry-after"), ["1"], "{root}");
        assert_eq!(app.get(&path).bearer(&token).send().await.status, 200, "{root}");
    }
}
