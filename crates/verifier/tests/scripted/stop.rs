//! What a verifier leaves behind.

use std::time::Duration;

use crate::{Authority, HOME, arrived, in_touch, until, verify};

#[tokio::test]
async fn a_verifier_that_is_stopped_gives_its_token_back_and_accepts_nothing() {
    let authority = Authority::start().await;
    let verifier = in_touch(&authority).await;
    let token = authority.token(1, 7, 1);
    verifier.verify(&token, HOME).await.unwrap();
    verifier.stop().await;
    assert_eq!(authority.count("post /api/oauth/revoke "), 1);
    assert!(!verifier.verify(&token, HOME).await.unwrap_err().is_final());
    assert!(!verifier.verify(&authority.token(2, 7, 2), HOME).await.unwrap_err().is_final());
    drop(verifier);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(authority.count("post /api/oauth/revoke "), 1);
    assert_eq!(authority.count("post /api/oauth/token "), 1);
}

#[tokio::test]
async fn a_verifier_that_is_dropped_gives_its_token_back() {
    let authority = Authority::start().await;
    let verifier = in_touch(&authority).await;
    let clone = verifier.clone();
    drop(verifier);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(authority.count("post /api/oauth/revoke "), 0);
    drop(clone);
    until(|| authority.count("post /api/oauth/revoke ") == 1).await;
}

/// Several behind one address share its limit: who is told to wait does.
#[tokio::test]
async fn no_token_is_asked_for_before_the_authority_wants_it() {
    let authority = Authority::start().await;
    let held = authority.hold("post /api/oauth/token ");
    let verifier = authority.verifier().start().unwrap();
    let held = arrived(held).await;
    held.answer(429, "retry-after: 2\r\n", "");
    tokio::time::sleep(Duration::from_millis(100)).await;
    for index in 0..5 {
        let refusal = verify(&verifier, &authority.token(1, 7, index)).await.unwrap().unwrap_err();
        assert!(!refusal.is_final(), "{refusal}");
    }
    assert_eq!(authority.count("post /api/oauth/token "), 1);
    verifier.ready().await;
    assert_eq!(authority.count("post /api/oauth/token "), 2);
}
