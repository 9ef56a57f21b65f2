//! How often and how long a nonce is good for (RFC 7616 sections 3.3 and 5.5).

use super::{
    ORGS,
    client::{Key, Proof, fresh_nonce, nonce},
};
use crate::{app::TestApp, call::Answer};

/// `stale=true` in both challenges, so that a client tries again without asking for the key.
fn assert_stale(answer: &Answer, row: &str) {
    assert_eq!(answer.status, 401, "row: {row}");
    let lines = answer.lines("www-authenticate");
    let [md5, sha256, bearer] = lines[..] else { panic!("{lines:?}") };
    assert!(md5.ends_with(r#"algorithm=MD5, qop="auth", stale=true"#), "row: {row}: {md5}");
    assert!(sha256.ends_with(r#"algorithm=SHA-256, qop="auth", stale=true"#), "row: {row}");
    assert_eq!(bearer, r#"Bearer realm="MMS Public API""#, "row: {row}");
    assert_eq!(answer.json()["errorCode"], "UNEXPECTED_ERROR", "row: {row}");
}

async fn start() -> (TestApp, Key) {
    let app = TestApp::start().await;
    let key = Key::make(&app, &["ORG_OWNER"]).await;
    (app, key)
}

#[tokio::test]
async fn what_was_overheard_cannot_be_sent_again() {
    let (app, key) = start().await;
    for qop in [Some(("0a4f113b", "00000001".to_owned())), None] {
        let proof = key.proof(&fresh_nonce(&app).await, "GET", ORGS);
        let proof = Proof { qop, ..proof };
        assert_eq!(proof.send(&app).await.status, 200);
        for _ in 0..3 {
            assert_stale(&proof.send(&app).await, &format!("{:?}", proof.qop));
        }
    }
}

/// "Clients pipeline": counts come in any order, within a window, and each once.
#[tokio::test]
async fn a_nonce_serves_many_requests_and_each_count_once() {
    let (app, key) = start().await;
    let nonce = fresh_nonce(&app).await;
    #[rustfmt::skip]
    let rows = [
        ("the first",              1,         true),
        ("one further on",         3,         true),
        ("the one it overtook",    2,         true),
        ("the first again",        1,         false),
        ("the overtaken again",    2,         false),
        ("far on",                 1000,      true),
        ("64 counts up to that",   1000 - 63, true),
        ("again",                  1000 - 63, false),
        ("before them",            1000 - 64, false),
        ("long before",            4,         false),
        ("the last one",           u32::MAX,  true),
        ("and again",              u32::MAX,  false),
    ];
    for (row, count, taken) in rows {
        let mut proof = key.proof(&nonce, "GET", ORGS);
        proof.qop = Some(("0a4f113b", format!("{count:08x}")));
        let answer = proof.send(&app).await;
        if taken {
            assert_eq!(answer.status, 200, "row: {row}");
        } else {
            assert_stale(&answer, row);
        }
    }
    // Nobody gets round the counts by leaving them out, or by another name for the client's part.
    let proof = key.proof(&nonce, "GET", ORGS);
    assert_stale(&Proof { qop: None, ..proof.clone() }.send(&app).await, "without a count");
    let qop = Some(("another", format!("{:08x}", 1000)));
    assert_stale(&Proof { qop, ..proof }.send(&app).await, "another cnonce");
}

/// A nonce is good for whoever has it, and for five minutes.
#[tokio::test]
async fn a_nonce_is_good_for_five_minutes() {
    let (app, key) = start().await;
    let (used, unused) = (fresh_nonce(&app).await, fresh_nonce(&app).await);
    let with_count = |nonce: &str, count| {
        let mut proof = key.proof(nonce, "GET", ORGS);
        proof.qop = Some(("0a4f113b", format!("{count:08x}")));
        proof
    };
    assert_eq!(with_count(&used, 1).send(&app).await.status, 200);
    app.clock.move_to(299);
    assert_eq!(with_count(&used, 2).send(&app).await.status, 200);
    app.clock.move_to(300);
    for (row, nonce, count) in [("used", &used, 3), ("unused", &unused, 1)] {
        assert_stale(&with_count(nonce, count).send(&app).await, row);
    }
    // The nonce of the answer is the one to go on with.
    let answer = with_count(&used, 4).send(&app).await;
    let next = nonce(&answer);
    assert_eq!(with_count(&next, 1).send(&app).await.status, 200);
}

/// `stale` says "only the nonce": with another private key it is not told.
#[tokio::test]
async fn only_who_knows_the_key_is_told_that_its_nonce_is_stale() {
    let (app, key) = start().await;
    let old = fresh_nonce(&app).await;
    app.clock.move_to(300);
    let elsewhere = TestApp::start().await;
    let foreign = fresh_nonce(&elsewhere).await;
    for (row, nonce) in
        [("old", &*old), ("another server's", &*foreign), ("made up", "x"), ("", "")]
    {
        let proof = key.proof(nonce, "GET", ORGS);
        assert_stale(&proof.send(&app).await, row);
        let wrong = Proof { password: "x".to_owned(), ..proof };
        let answer = wrong.send(&app).await;
        assert_eq!(answer.status, 401, "row: {row}");
        assert!(answer.lines("www-authenticate")[0].ends_with("stale=false"), "row: {row}");
    }
}

/// "Remembered only after the response proved right": nobody uses up what another will need.
#[tokio::test]
async fn a_wrong_response_uses_no_nonce_up() {
    let (app, key) = start().await;
    let other = Key::make(&app, &["ORG_MEMBER"]).await;
    let nonce = fresh_nonce(&app).await;
    let right = key.proof(&nonce, "GET", ORGS);
    let wrong = Proof { password: other.private, ..right.clone() };
    for proof in [wrong.clone(), Proof { qop: None, ..wrong }] {
        assert_eq!(proof.send(&app).await.status, 401);
    }
    assert_eq!(right.send(&app).await.status, 200);
}
