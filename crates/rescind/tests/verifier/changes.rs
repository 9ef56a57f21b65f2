//! What is changed at the authority, and what the verifier makes of it.

use std::time::Duration;

use rescind_verifier::Refusal;

use crate::{Authority, HOME, wait_until_refused};

#[tokio::test]
async fn a_revoked_token_is_refused_at_once_and_no_other() {
    let authority = Authority::start();
    let mut client = authority.client();
    let verifier = authority.verifier().start().unwrap();
    verifier.ready().await;
    let (dead, alive) = (client.issue().await.unwrap(), client.issue().await.unwrap());
    let token = verifier.verify(&dead, HOME).await.unwrap();
    assert_eq!(token.client_id, authority.installation().client_id);
    assert_eq!(token.account.roles, ["ORG_OWNER"]);
    assert_eq!(token.expires_at - token.issued_at, 3600);
    assert_eq!(client.revoke(&dead).await.unwrap().status, 200);
    let took = wait_until_refused(&verifier, &dead).await;
    assert!(took < Duration::from_secs(2), "{took:?}");
    verifier.verify(&alive, HOME).await.unwrap();
}

/// Seen for the first time after it was revoked: the list that is fetched has its bit.
#[tokio::test]
async fn a_token_that_was_revoked_before_it_was_seen_is_refused() {
    let authority = Authority::start();
    let mut client = authority.client();
    let verifier = authority.verifier().start().unwrap();
    verifier.ready().await;
    let token = client.issue().await.unwrap();
    client.revoke(&token).await.unwrap();
    assert_eq!(verifier.verify(&token, HOME).await.unwrap_err(), Refusal::Revoked);
    let later = authority.verifier().start().unwrap();
    later.ready().await;
    assert_eq!(later.verify(&token, HOME).await.unwrap_err(), Refusal::Revoked);
}

#[tokio::test]
async fn what_was_not_signed_here_is_no_token() {
    let (here, there) = (Authority::start(), Authority::start());
    let verifier = here.verifier().start().unwrap();
    verifier.ready().await;
    let token = here.client().issue().await.unwrap();
    let foreign = there.client().issue().await.unwrap();
    let [header, payload, _]: [&str; 3] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let rows = [
        String::new(),
        "garbage".to_owned(),
        "..".to_owned(),
        foreign,
        format!("{header}.{payload}."),
        rescind_harness::altered(&token),
        format!("{token}."),
        format!("{token} "),
    ];
    for text in rows {
        assert_eq!(verifier.verify(&text, HOME).await.unwrap_err(), Refusal::Unknown, "{text}");
    }
    verifier.verify(&token, HOME).await.unwrap();
    let other = here.verifier().audience("api://other").start().unwrap();
    other.ready().await;
    assert_eq!(other.verify(&token, HOME).await.unwrap_err(), Refusal::Unknown);
}

/// `Prefer: wait`: when the answer comes, every verifier refuses the token.
#[tokio::test]
async fn whoever_waits_for_all_knows_that_all_refuse() {
    let authority = Authority::start();
    let mut client = authority.client();
    let mut verifiers = Vec::new();
    for _ in 0..5 {
        let verifier = authority.verifier().start().unwrap();
        verifier.ready().await;
        verifiers.push(verifier);
    }
    for _ in 0..10 {
        let token = client.issue().await.unwrap();
        for verifier in &verifiers {
            verifier.verify(&token, HOME).await.unwrap();
        }
        let answer = client.revoke_everywhere(&token, Duration::from_secs(20)).await.unwrap();
        assert_eq!(answer.header("preference-applied"), Some("wait"));
        assert_eq!(answer.header("rescind-followers"), Some("applied=5, connected=5"));
        for verifier in &verifiers {
            assert_eq!(verifier.verify(&token, HOME).await.unwrap_err(), Refusal::Revoked);
        }
    }
}
