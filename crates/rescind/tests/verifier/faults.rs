//! The authority is killed and paused in the middle of a stream of revocations: what was answered
//! 200 is refused by the verifier once it hears again.

use std::time::{Duration, Instant};

use rescind_harness::Client;
use rescind_verifier::{Refusal, Verifier};
use tokio::time::sleep;

use crate::{Authority, HOME, PATIENCE};

const ROUNDS: u32 = 4;
const TOKENS: usize = 60;

async fn issued_and_seen(authority: &Authority, verifier: &Verifier) -> Vec<String> {
    let mut client = authority.client();
    let mut tokens = Vec::new();
    for _ in 0..TOKENS {
        let token = client.issue().await.unwrap();
        verifier.verify(&token, HOME).await.unwrap();
        tokens.push(token);
    }
    tokens
}

/// Revokes as many as the authority answers: those that are dead, and the last event.
async fn revoke(mut client: Client, tokens: Vec<String>) -> (Vec<String>, u64) {
    let (mut dead, mut last) = (Vec::new(), 0);
    for token in tokens {
        let Ok(answer) = client.revoke(&token).await else { break };
        assert_eq!(answer.status, 200);
        last = answer.header("rescind-event").unwrap().parse().unwrap();
        dead.push(token);
    }
    (dead, last)
}

/// Waits until everything up to an event is applied.
async fn until_applied(verifier: &Verifier, event: u64) {
    let started = Instant::now();
    while verifier.applied() < event {
        assert!(started.elapsed() < PATIENCE, "{} of {event}", verifier.applied());
        sleep(Duration::from_millis(5)).await;
    }
}

async fn all_refused(verifier: &Verifier, dead: &[String]) {
    for token in dead {
        assert_eq!(verifier.verify(token, HOME).await.unwrap_err(), Refusal::Revoked);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_revoked_before_a_kill_is_refused_after_it() {
    let mut authority = Authority::start();
    let verifier = authority.verifier().start().unwrap();
    verifier.ready().await;
    let mut killed_within = 0;
    for round in 0..ROUNDS {
        let tokens = issued_and_seen(&authority, &verifier).await;
        let revoking = tokio::spawn(revoke(authority.client(), tokens));
        sleep(Duration::from_millis(5) * (1 + 4 * round)).await;
        authority.kill();
        let (dead, last) = revoking.await.unwrap();
        killed_within += usize::from(dead.len() < TOKENS);
        authority.restart();
        until_applied(&verifier, last).await;
        all_refused(&verifier, &dead).await;
        // And so it is for one that was not there.
        let another = authority.verifier().start().unwrap();
        another.ready().await;
        all_refused(&another, &dead).await;
    }
    assert!(killed_within > 0, "no kill fell into the stream");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_revoked_before_a_pause_is_refused_after_it() {
    let authority = Authority::start();
    let verifier = authority.verifier().start().unwrap();
    verifier.ready().await;
    for round in 0..ROUNDS {
        let tokens = issued_and_seen(&authority, &verifier).await;
        let revoking = tokio::spawn(revoke(authority.client(), tokens));
        sleep(Duration::from_millis(5) * (1 + 4 * round)).await;
        authority.pause();
        // Everything held is still known, and nothing can be said of what is new.
        sleep(Duration::from_millis(50)).await;
        authority.resume();
        let (dead, last) = revoking.await.unwrap();
        assert_eq!(dead.len(), TOKENS);
        until_applied(&verifier, last).await;
        all_refused(&verifier, &dead).await;
    }
}
