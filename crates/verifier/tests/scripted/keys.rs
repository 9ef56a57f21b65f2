//! A key that is not known yet.

use std::time::Duration;

use rescind_verifier::{Refusal, Verifier};
use tokio::time::sleep;

use crate::{Authority, HOME, Held, Verification, arrived, in_touch, until, verify};

/// Longer than the time within which keys are searched for once.
const A_SECOND: Duration = Duration::from_millis(1100);

const KEYS: &str = "get /.well-known/jwks.json";

/// So many tokens of a key that is not known, and the request for it, which is not answered yet.
async fn waiting_for_a_new_key(
    authority: &Authority,
    verifier: &Verifier,
    tokens: u32,
) -> (Held, Vec<Verification>) {
    authority.rotate();
    let held = authority.hold(KEYS);
    let waiting =
        (0..tokens).map(|index| verify(verifier, &authority.token(1, 7, index))).collect();
    (arrived(held).await, waiting)
}

#[tokio::test]
async fn all_tokens_of_a_new_key_wait_for_the_one_fetch_of_it() {
    let authority = Authority::start().await;
    let verifier = in_touch(&authority).await;
    let before = authority.count(KEYS);
    let (held, waiting) = waiting_for_a_new_key(&authority, &verifier, 20).await;
    sleep(Duration::from_millis(50)).await;
    held.release();
    for waiting in waiting {
        waiting.await.unwrap().unwrap();
    }
    assert_eq!(authority.count(KEYS), before + 1);
}

/// Whoever has its key looked for first, and in vain, does not make others be refused for good.
#[tokio::test]
async fn a_stranger_with_a_made_up_key_has_nobody_refused_for_good() {
    let (authority, stranger) = (Authority::start().await, Authority::start().await);
    let verifier = in_touch(&authority).await;
    let made_up = verifier.verify(&stranger.token(1, 7, 1), HOME).await.unwrap_err();
    assert_eq!(made_up, Refusal::Unknown);
    authority.rotate();
    let token = authority.token(1, 7, 1);
    let refusal = verifier.verify(&token, HOME).await.unwrap_err();
    assert!(matches!(refusal, Refusal::Unavailable(_)), "{refusal}");
    sleep(A_SECOND).await;
    verifier.verify(&token, HOME).await.unwrap();
}

/// The answer that was on its way is older than the key.
#[tokio::test]
async fn a_fetch_that_began_before_the_token_came_decides_nothing() {
    let (authority, stranger) = (Authority::start().await, Authority::start().await);
    let verifier = in_touch(&authority).await;
    let held = authority.hold(KEYS);
    let made_up = verify(&verifier, &stranger.token(1, 7, 1));
    let held = arrived(held).await;
    authority.rotate();
    let waiting = verify(&verifier, &authority.token(1, 7, 1));
    sleep(Duration::from_millis(50)).await;
    held.release();
    assert_eq!(made_up.await.unwrap().unwrap_err(), Refusal::Unknown);
    let refusal = waiting.await.unwrap().unwrap_err();
    assert!(matches!(refusal, Refusal::Unavailable(_)), "{refusal}");
}

#[tokio::test]
async fn a_fetch_that_failed_is_shared_and_refuses_nobody_for_good() {
    let authority = Authority::start().await;
    let verifier = in_touch(&authority).await;
    let before = authority.count(KEYS);
    let (held, waiting) = waiting_for_a_new_key(&authority, &verifier, 10).await;
    // Longer than a search is barred for: those who wait must not ask one after the other.
    sleep(A_SECOND).await;
    held.fail(503);
    for waiting in waiting {
        let refusal = waiting.await.unwrap().unwrap_err();
        assert!(matches!(refusal, Refusal::Unavailable(_)), "{refusal}");
    }
    until(|| authority.count(KEYS) == before + 1).await;
    verifier.verify(&authority.token(1, 7, 1), HOME).await.unwrap();
}
