//! The receipt of a revocation.

use serde_json::json;

use super::follow::Feed;
use crate::{
    app::{REVOKE, TestApp},
    call::Answer,
};

async fn revoke_and_wait(app: &TestApp, token: &str, preference: &str) -> Answer {
    let call = app.post(REVOKE).by(&app.owner).header("prefer", preference);
    call.form(&format!("token={token}")).send().await
}

async fn acknowledge(app: &TestApp, bearer: &str, follower: &str, event: u64) -> Answer {
    let call = app.post("/api/oauth/feed/acknowledgements").bearer(bearer);
    let call = call.header("content-type", "application/json");
    call.body(json!({"follower": follower, "event": event}).to_string()).send().await
}

#[tokio::test]
async fn without_followers_there_is_nothing_to_wait_for() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let answer = revoke_and_wait(&app, &token, "respond-async, wait=20").await;
    assert_eq!(answer.outcome(), (200, ""));
    assert_eq!(answer.lines("preference-applied"), ["wait"]);
    assert_eq!(answer.lines("rescind-followers"), ["applied=0, connected=0"]);
    let answer = app.revoke(&app.owner, &token).await;
    assert_eq!(answer.lines("rescind-followers"), [""; 0], "nobody asked");
}

/// The token is dead all the same: that it is not known everywhere is no failure.
#[tokio::test]
async fn a_follower_that_says_nothing_is_not_waited_for_for_ever() {
    let app = TestApp::start().await;
    let (mine, token) = (app.token(&app.owner).await, app.token(&app.owner).await);
    let _feed = Feed::open(&app, &mine, None).await;
    let answer = revoke_and_wait(&app, &token, "wait=1").await;
    assert_eq!(answer.outcome(), (200, ""));
    assert_eq!(answer.lines("preference-applied"), [""; 0]);
    assert_eq!(answer.lines("rescind-followers"), ["applied=0, connected=1"]);
    assert!(!app.is_alive(&app.owner, &token).await);
}

#[tokio::test]
async fn the_answer_comes_when_all_have_applied_it() {
    let app = TestApp::start().await;
    let (mine, token) = (app.token(&app.owner).await, app.token(&app.owner).await);
    let theirs = app.token(&app.stranger).await;
    let mut feed = Feed::open(&app, &mine, None).await;
    // Of another organization: it has nothing to do with this.
    let _other = Feed::open(&app, &theirs, None).await;
    let follower = feed.next().await.unwrap().data["follower"].as_str().unwrap().to_owned();
    let follow = async {
        loop {
            let event = feed.next().await.unwrap();
            if event.data["acknowledge"] == true {
                let answer = acknowledge(&app, &mine, &follower, event.id).await;
                assert_eq!(answer.status, 204, "{}", answer.text());
                return event.id;
            }
        }
    };
    let (answer, event) = tokio::join!(revoke_and_wait(&app, &token, "wait=20"), follow);
    assert_eq!(answer.lines("preference-applied"), ["wait"]);
    assert_eq!(answer.lines("rescind-followers"), ["applied=1, connected=1"]);
    assert_eq!(answer.lines("rescind-event"), [&*event.to_string()]);
    let receipt = app.get(&format!("/api/oauth/revocations/{event}")).bearer(&mine).send().await;
    assert_eq!(receipt.json(), json!({"event": event, "connected": 1, "applied": 1}));
    drop(feed);
    let receipt = app.get(&format!("/api/oauth/revocations/{event}")).bearer(&mine).send().await;
    assert_eq!(receipt.json(), json!({"event": event, "connected": 0, "applied": 0}));
}

/// It follows no more, and may never have heard of the revocation.
#[tokio::test]
async fn a_follower_that_drops_out_has_not_applied_it() {
    let app = TestApp::start().await;
    let (mine, token) = (app.token(&app.owner).await, app.token(&app.owner).await);
    let mut feed = Feed::open(&app, &mine, None).await;
    let drop_out = async {
        while feed.next().await.unwrap().data["acknowledge"] != true {}
        drop(feed);
    };
    let (answer, ()) = tokio::join!(revoke_and_wait(&app, &token, "wait=20"), drop_out);
    assert_eq!(answer.outcome(), (200, ""));
    assert_eq!(answer.lines("preference-applied"), [""; 0]);
    assert_eq!(answer.lines("rescind-followers"), ["applied=0, connected=1"]);
}

/// The feeds have been ended: that there are no followers says nothing.
#[tokio::test]
async fn nothing_is_complete_while_the_process_ends() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    app.authority.announce_stop();
    let answer = revoke_and_wait(&app, &token, "wait=20").await;
    assert_eq!(answer.outcome(), (200, ""));
    assert_eq!(answer.lines("preference-applied"), [""; 0]);
    assert_eq!(answer.lines("rescind-followers"), ["applied=0, connected=0"]);
}

#[tokio::test]
async fn the_followers_of_others_are_not_asked() {
    let app = TestApp::start().await;
    let (mine, token) = (app.token(&app.owner).await, app.token(&app.owner).await);
    let (theirs, last) = (app.token(&app.stranger).await, app.token(&app.stranger).await);
    let _feed = Feed::open(&app, &mine, None).await;
    let mut other = Feed::open(&app, &theirs, None).await;
    revoke_and_wait(&app, &token, "wait=1").await;
    let answer = app.revoke(&app.stranger, &last).await;
    let last: u64 = answer.lines("rescind-event")[0].parse().unwrap();
    loop {
        let event = other.next().await.unwrap();
        assert_eq!(event.data.get("acknowledge"), None, "{event:?}");
        if event.id == last {
            return;
        }
    }
}

/// Whoever has said nothing yet, or has missed something, is not known to know anything.
#[tokio::test]
async fn a_follower_counts_by_what_it_has_applied() {
    let app = TestApp::start().await;
    let mine = app.token(&app.owner).await;
    let head = app.log_head().await.0;
    let path = format!("/api/oauth/revocations/{head}");
    for (after, applied) in [(None, 0), (Some("999999"), 0), (Some(&*head.to_string()), 1)] {
        let mut feed = Feed::open(&app, &mine, after).await;
        feed.next().await; // hello
        let receipt = app.get(&path).bearer(&mine).send().await;
        let expected = json!({"event": head, "connected": 1, "applied": applied});
        assert_eq!(receipt.json(), expected, "{after:?}");
    }
}

#[tokio::test]
async fn nobody_acknowledges_for_another_or_what_has_not_happened() {
    let app = TestApp::start().await;
    let (mine, theirs) = (app.token(&app.owner).await, app.token(&app.stranger).await);
    let mut feed = Feed::open(&app, &mine, None).await;
    let follower = feed.next().await.unwrap().data["follower"].as_str().unwrap().to_owned();
    assert_eq!(acknowledge(&app, &theirs, &follower, 1).await.status, 404);
    assert_eq!(acknowledge(&app, &mine, "00", 1).await.status, 404);
    assert_eq!(acknowledge(&app, &mine, "nonsense", 1).await.status, 404);
    assert_eq!(acknowledge(&app, "nonsense", &follower, 1).await.status, 401);
    assert_eq!(acknowledge(&app, &mine, &follower, u64::MAX).await.status, 204);
    // Everything so far, and nothing that comes.
    let token = app.token(&app.owner).await;
    let event = app.revoke(&app.owner, &token).await.lines("rescind-event")[0].to_owned();
    let receipt = app.get(&format!("/api/oauth/revocations/{event}")).bearer(&mine).send().await;
    assert_eq!(receipt.json()["applied"], 0);
}

#[tokio::test]
async fn an_event_that_has_not_happened_has_no_receipt() {
    let app = TestApp::start().await;
    let mine = app.token(&app.owner).await;
    let next = (app.log_head().await.0 + 1).to_string();
    for event in ["0", &*next, "x", "-1"] {
        let path = format!("/api/oauth/revocations/{event}");
        assert_eq!(app.get(&path).bearer(&mine).send().await.status, 404, "{event}");
    }
    assert_eq!(app.get("/api/oauth/revocations/1").send().await.status, 401);
}
