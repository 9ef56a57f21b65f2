//! When the store fails (oauth-endpoints.md 5.1, row x): 500, never a 200 before the revocation
//! is durable, and no token handed out whose status bit is not.

use crate::{
    app::{Fault, TOKEN, TestApp},
    call::Answer,
    literal::{REVOKED, SERVER_ERROR},
};

async fn ask_for_token(app: &TestApp) -> Answer {
    app.post(TOKEN).by(&app.owner).form("grant_type=client_credentials").send().await
}

/// 200 would tell the client that a live token is dead.
#[tokio::test]
async fn a_revocation_that_is_not_on_disk_is_never_answered_200() {
    let app = TestApp::start().await;
    let (token, other) = (app.token(&app.owner).await, app.token(&app.owner).await);
    let head = app.log_head().await;
    app.store.fail(Fault::NothingWritten);
    for _ in 0..3 {
        assert_eq!(app.revoke(&app.owner, &token).await.outcome(), SERVER_ERROR);
        assert!(app.is_alive(&app.owner, &token).await, "the answer said that it may live");
    }
    app.store.recover();
    assert_eq!(app.log_head().await, head);
    assert!(app.is_alive(&app.owner, &token).await, "nobody revoked it");
    assert_eq!(app.revoke(&app.owner, &token).await.outcome(), REVOKED);
    assert!(!app.is_alive(&app.owner, &token).await);
    assert!(app.is_alive(&app.owner, &other).await);
}

/// What is not known to be durable is not durable; that it was so after all does no harm.
#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_a_500_and_a_retry_succeeds() {
    let app = TestApp::start().await;
    let (token, other) = (app.token(&app.owner).await, app.token(&app.owner).await);
    app.store.fail(Fault::AnswerLost);
    assert_eq!(app.revoke(&app.owner, &token).await.outcome(), SERVER_ERROR);
    app.store.recover();
    assert_eq!(app.revoke(&app.owner, &token).await.outcome(), REVOKED);
    assert!(!app.is_alive(&app.owner, &token).await);
    assert!(app.is_alive(&app.owner, &other).await);
    // The memory has caught up with the log: later changes are seen as ever.
    assert_eq!(app.revoke(&app.owner, &other).await.outcome(), REVOKED);
    assert!(!app.is_alive(&app.owner, &other).await);
}

/// Dead tokens need nothing of the store.
#[tokio::test]
async fn a_dead_token_is_a_success_even_then() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    assert_eq!(app.revoke(&app.owner, &token).await.outcome(), REVOKED);
    app.store.fail(Fault::NothingWritten);
    assert_eq!(app.revoke(&app.owner, &token).await.outcome(), REVOKED);
    assert_eq!(app.revoke(&app.owner, "garbage").await.outcome(), REVOKED);
}

/// A secret needs a new block of status bits once in 64 tokens: until then no disk is asked.
#[tokio::test]
async fn a_token_is_refused_only_when_its_status_bit_cannot_be_made_durable() {
    for fault in [Fault::NothingWritten, Fault::AnswerLost] {
        let app = TestApp::start().await;
        app.store.fail(fault);
        let refused = ask_for_token(&app).await;
        assert_eq!(refused.outcome(), SERVER_ERROR, "the first token needs a list");
        assert_eq!(refused.lines("cache-control"), [""; 0]);
        app.store.recover();
        let mut tokens = vec![app.token(&app.owner).await];
        app.store.fail(fault);
        loop {
            let answer = ask_for_token(&app).await;
            if answer.status != 200 {
                assert_eq!(answer.outcome(), SERVER_ERROR);
                break;
            }
            tokens.push(answer.json()["access_token"].as_str().unwrap().to_owned());
            assert!(tokens.len() <= 64, "a block has 64 bits");
        }
        assert_eq!(tokens.len(), 64);
        app.store.recover();
        tokens.push(app.token(&app.owner).await);
        for token in &tokens {
            assert!(app.is_alive(&app.owner, token).await);
        }
        assert_eq!(app.revoke(&app.owner, &tokens[64]).await.outcome(), REVOKED);
        assert!(!app.is_alive(&app.owner, &tokens[64]).await);
        assert!(app.is_alive(&app.owner, &tokens[63]).await);
    }
}

/// The cause is for the operator.
#[tokio::test]
async fn a_500_tells_nothing_of_the_inside() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    app.store.fail(Fault::NothingWritten);
    let answer = app.revoke(&app.owner, &token).await;
    assert_eq!(answer.outcome(), SERVER_ERROR);
    let headers = format!("{:?}", answer.headers);
    assert!(!headers.contains("secret/path"), "{headers}");
}
