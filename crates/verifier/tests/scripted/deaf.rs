//! What is no longer told of changes is not gone by.

use rescind_verifier::{Refusal, Verifier};

use crate::{Authority, HOME, arrived, claims, in_touch, until, until_applied, verify};

/// Two tokens wait for what one request asks for; the first is answered with an error, the second
/// with what it asked for.
async fn had_after_a_failure(
    authority: &Authority,
    verifier: &Verifier,
    request: &str,
    [first, second]: [&str; 2],
) {
    let held = authority.hold(request);
    let first = verify(verifier, first);
    let held = arrived(held).await;
    let waiting = verify(verifier, second);
    tokio::task::yield_now().await;
    held.fail(503);
    assert!(matches!(first.await.unwrap(), Err(Refusal::Unavailable(_))));
    // Whether it was told of the failure or has asked by itself:
    if let Err(refusal) = waiting.await.unwrap() {
        assert!(!refusal.is_final(), "{refusal}");
        verifier.verify(second, HOME).await.unwrap();
    }
}

#[tokio::test]
async fn a_list_that_was_had_after_a_failure_hears_of_revocations() {
    let authority = Authority::start().await;
    let verifier = in_touch(&authority).await;
    let (first, second) = (authority.token(1, 7, 1), authority.token(1, 7, 2));
    had_after_a_failure(&authority, &verifier, "get /statuslists/7", [&first, &second]).await;
    until_applied(&verifier, authority.revoke(7, 2)).await;
    assert_eq!(verifier.verify(&second, HOME).await.unwrap_err(), Refusal::Revoked);
}

#[tokio::test]
async fn an_account_that_was_had_after_a_failure_hears_of_changes() {
    let authority = Authority::start().await;
    let verifier = in_touch(&authority).await;
    let (first, second) = (authority.token(1, 7, 1), authority.token(1, 7, 2));
    had_after_a_failure(&authority, &verifier, "get /api/oauth/accounts/", [&first, &second]).await;
    until_applied(&verifier, authority.set_roles(1, &["ORG_READ_ONLY"])).await;
    let token = verifier.verify(&second, HOME).await.unwrap();
    assert_eq!(token.account.roles, ["ORG_READ_ONLY"]);
}

/// The failure of one is not asked for again by each who waited for it.
#[tokio::test]
async fn all_who_wait_for_a_list_share_its_failure() {
    let authority = Authority::start().await;
    let verifier = in_touch(&authority).await;
    let held = authority.hold("get /statuslists/7");
    let waiting: Vec<_> =
        (0..20).map(|index| verify(&verifier, &authority.token(1, 7, index))).collect();
    let held = arrived(held).await;
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    held.fail(503);
    for waiting in waiting {
        assert!(matches!(waiting.await.unwrap(), Err(Refusal::Unavailable(_))));
    }
    assert_eq!(authority.count("get /statuslists/7"), 1);
}

/// The answer was true when it was made, and has been overtaken by what was told.
#[tokio::test]
async fn an_account_that_changes_while_it_is_fetched_is_fetched_again() {
    let authority = Authority::start().await;
    let verifier = in_touch(&authority).await;
    let held = authority.hold("get /api/oauth/accounts/");
    let waiting = verify(&verifier, &authority.token(1, 7, 1));
    let held = arrived(held).await;
    until_applied(&verifier, authority.set_roles(1, &["ORG_READ_ONLY"])).await;
    held.release();
    assert_eq!(waiting.await.unwrap().unwrap().account.roles, ["ORG_READ_ONLY"]);
}

/// The list is there, and is let go of while the account is waited for.
#[tokio::test]
async fn a_list_that_is_distrusted_while_an_account_is_fetched_is_fetched_again() {
    let authority = Authority::start().await;
    let verifier = in_touch(&authority).await;
    let held = authority.hold("get /api/oauth/accounts/");
    let waiting = verify(&verifier, &authority.token(1, 7, 1));
    let held = arrived(held).await;
    authority.tell("missed", "{}");
    until_applied(&verifier, authority.revoke(7, 1)).await;
    held.release();
    assert_eq!(waiting.await.unwrap().unwrap_err(), Refusal::Revoked);
}

#[tokio::test]
async fn a_token_dies_with_its_key() {
    let authority = Authority::start().await;
    let verifier = in_touch(&authority).await;
    let token = authority.token(1, 7, 1);
    verifier.verify(&token, HOME).await.unwrap();
    authority.rotate();
    // The token of the new key makes the verifier fetch the keys; the old one is not among them.
    verifier.verify(&authority.token(1, 8, 1), HOME).await.unwrap();
    assert!(verifier.verify(&token, HOME).await.is_err());
}

/// No token of the authority has such a life; whoever has stolen its key could sign one.
#[tokio::test]
async fn a_token_with_a_longer_life_than_any_is_none() {
    let authority = Authority::start().await;
    let verifier = in_touch(&authority).await;
    let mut claims = claims(1, 7, 1);
    verifier.verify(&authority.sign(&claims), HOME).await.unwrap();
    claims.expires_at = claims.expires_at.plus_seconds(1);
    let refusal = verifier.verify(&authority.sign(&claims), HOME).await.unwrap_err();
    assert_eq!(refusal, Refusal::Unknown);
}

#[tokio::test]
async fn an_account_of_others_is_asked_for_once_until_it_is_told_of() {
    let authority = Authority::start().await;
    let verifier = in_touch(&authority).await;
    for index in 0..5 {
        let token = authority.token(9, 7, index);
        for _ in 0..3 {
            assert_eq!(verifier.verify(&token, HOME).await.unwrap_err(), Refusal::Revoked);
        }
    }
    assert_eq!(authority.count("get /api/oauth/accounts/"), 1);
    until_applied(&verifier, authority.set_roles(9, &["ORG_READ_ONLY"])).await;
    let token = verifier.verify(&authority.token(9, 7, 1), HOME).await.unwrap();
    assert_eq!(token.account.roles, ["ORG_READ_ONLY"]);
    until(|| authority.count("get /api/oauth/accounts/") == 2).await;
}
