//! What a verifier does while it cannot hear its authority.

use std::time::{Duration, Instant};

use rescind_verifier::{LostTouch, Refusal, Verifier};
use tokio::time::sleep;

use crate::{Authority, HOME, PATIENCE, wait_until_refused};

/// Just more than the beat of the authority.
const LOST_AFTER: Duration = Duration::from_secs(7);

async fn verifier(authority: &Authority, mode: LostTouch) -> Verifier {
    let verifier = authority.verifier().lost_after(LOST_AFTER).when_out_of_touch(mode).start();
    let verifier = verifier.unwrap();
    verifier.ready().await;
    verifier
}

async fn until_silent_for(verifier: &Verifier, silence: Duration) {
    let started = Instant::now();
    while verifier.silence().unwrap() <= silence {
        assert!(started.elapsed() < PATIENCE, "it is still heard of");
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn each_mode_does_what_it_promises() {
    let mut authority = Authority::start();
    let mut client = authority.client();
    let (alive, dead) = (client.issue().await.unwrap(), client.issue().await.unwrap());
    let closed = verifier(&authority, LostTouch::FailClosed).await;
    let open = verifier(&authority, LostTouch::FailOpen(LOST_AFTER + Duration::from_secs(3))).await;
    let asking = verifier(&authority, LostTouch::Introspect).await;
    for verifier in [&closed, &open, &asking] {
        verifier.verify(&alive, HOME).await.unwrap();
        verifier.verify(&dead, HOME).await.unwrap();
    }
    client.revoke(&dead).await.unwrap();
    for verifier in [&closed, &open, &asking] {
        wait_until_refused(verifier, &dead).await;
    }
    authority.kill();
    // A short silence is none: authorities are restarted.
    for verifier in [&closed, &open, &asking] {
        verifier.verify(&alive, HOME).await.unwrap();
    }
    for verifier in [&closed, &open, &asking] {
        until_silent_for(verifier, LOST_AFTER).await;
    }
    let refusal = closed.verify(&alive, HOME).await.unwrap_err();
    assert!(matches!(refusal, Refusal::OutOfTouch(silence) if silence > LOST_AFTER));
    open.verify(&alive, HOME).await.unwrap();
    let refusal = asking.verify(&alive, HOME).await.unwrap_err();
    assert!(matches!(refusal, Refusal::OutOfTouch(_)), "there is nobody to ask: {refusal}");
    // What it was told of stays dead.
    for verifier in [&closed, &open, &asking] {
        assert_eq!(verifier.verify(&dead, HOME).await.unwrap_err(), Refusal::Revoked);
    }
    until_silent_for(&open, LOST_AFTER + Duration::from_secs(3)).await;
    let refusal = open.verify(&alive, HOME).await.unwrap_err();
    assert!(matches!(refusal, Refusal::OutOfTouch(_)), "{refusal}");

    authority.restart();
    for verifier in [&closed, &open, &asking] {
        let started = Instant::now();
        while verifier.silence().unwrap() > LOST_AFTER {
            assert!(started.elapsed() < PATIENCE, "it is not taken up again");
            sleep(Duration::from_millis(10)).await;
        }
        verifier.verify(&alive, HOME).await.unwrap();
        assert_eq!(verifier.verify(&dead, HOME).await.unwrap_err(), Refusal::Revoked);
    }
}

/// The authority that does not answer is no reason to accept anything, or to wait for ever.
#[tokio::test]
async fn before_it_has_heard_anything_it_accepts_nothing() {
    let mut authority = Authority::start();
    let token = authority.client().issue().await.unwrap();
    authority.kill();
    for mode in [LostTouch::FailClosed, LostTouch::FailOpen(PATIENCE), LostTouch::Introspect] {
        let verifier = authority.verifier().when_out_of_touch(mode).start().unwrap();
        // Each time: the second one does not ask for the keys again.
        for _ in 0..2 {
            let refusal = verifier.verify(&token, HOME).await.unwrap_err();
            assert!(!refusal.is_final(), "{mode:?}: {refusal}");
        }
    }
}
