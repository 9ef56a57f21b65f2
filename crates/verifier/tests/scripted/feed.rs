//! A feed that is not as one would wish.

use rescind_verifier::Refusal;

use crate::{Authority, HOME, arrived, in_touch, until, until_applied};

/// What something in between adds, and how it ends lines.
#[tokio::test]
async fn comments_and_other_ends_of_lines_do_not_break_the_feed() {
    let authority = Authority::start().await;
    let verifier = in_touch(&authority).await;
    let token = authority.token(1, 7, 1);
    verifier.verify(&token, HOME).await.unwrap();
    authority.send(": ping\n\n");
    authority.send("id: 50\r\nevent: changed\r\ndata: {\"tokens\":{\"7\":[1]}}\r\n\r\n");
    until_applied(&verifier, 50).await;
    assert_eq!(verifier.verify(&token, HOME).await.unwrap_err(), Refusal::Revoked);
    assert_eq!(authority.count("get /api/oauth/feed "), 1);
}

/// It would come again, and again be none that can be read.
#[tokio::test]
async fn after_what_cannot_be_read_everything_is_fetched_again() {
    let authority = Authority::start().await;
    let verifier = in_touch(&authority).await;
    let (dead, alive) = (authority.token(1, 7, 1), authority.token(1, 7, 2));
    verifier.verify(&dead, HOME).await.unwrap();
    verifier.verify(&alive, HOME).await.unwrap();
    // It tells nothing of the list that could be read.
    let event = authority.revoke_silently(7, 1);
    authority.send(&format!("id: {event}\nevent: changed\ndata: {{\"tokens\":[7]}}\n\n"));
    until(|| authority.count("get /api/oauth/feed ") == 2).await;
    assert!(!authority.last("get /api/oauth/feed ").unwrap().contains("last-event-id"));
    until_applied(&verifier, event).await;
    assert_eq!(verifier.verify(&dead, HOME).await.unwrap_err(), Refusal::Revoked);
    verifier.verify(&alive, HOME).await.unwrap();
}

#[tokio::test]
async fn what_is_heard_late_takes_nothing_back() {
    let authority = Authority::start().await;
    let verifier = in_touch(&authority).await;
    let event = authority.tell("alive", "{}");
    until_applied(&verifier, event).await;
    let before = event - 1;
    authority.send(&format!(
        "id: {before}\nevent: changed\ndata: {{\"accounts\":[\"mdb_sa_id_000000000000000000000001\"]}}\n\n"
    ));
    verifier.verify(&authority.token(1, 7, 1), HOME).await.unwrap();
    for _ in 0..20 {
        assert!(verifier.applied() >= event);
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
}

/// A page with a 200 is no feed, and what the authority says of when to come back is heeded.
#[tokio::test]
async fn the_feed_is_opened_again_when_the_authority_says() {
    let authority = Authority::start().await;
    let held = authority.hold("get /api/oauth/feed ");
    let verifier = authority.verifier().start().unwrap();
    arrived(held).await.answer(429, "retry-after: 2\r\n", "");
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    assert_eq!(authority.count("get /api/oauth/feed "), 1);
    let held = authority.hold("get /api/oauth/feed ");
    arrived(held).await.answer(200, "content-type: text/html\r\n", "<html>");
    verifier.ready().await;
    assert_eq!(authority.count("get /api/oauth/feed "), 3);
}
