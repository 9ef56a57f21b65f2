//! `GET /api/oauth/feed`.

use std::{collections::BTreeSet, time::Duration};

use axum::{
    body::{Body, BodyDataStream},
    http::Request,
};
use futures_util::StreamExt as _;
use rescind_store::{Actor, Change, Store as _, Transaction};
use serde_json::{Value, json};
use tokio::time::timeout;
use tower::ServiceExt as _;

use super::status;
use crate::app::{Account, TestApp, now};

/// An event, as it is read.
#[derive(Debug, PartialEq)]
pub(super) struct Event {
    pub id: u64,
    pub name: String,
    pub data: Value,
}

/// An open feed.
pub(super) struct Feed(BodyDataStream);

impl Feed {
    pub(super) async fn open(app: &TestApp, token: &str, after: Option<&str>) -> Self {
        let mut request =
            Request::get("/api/oauth/feed").header("authorization", format!("Bearer {token}"));
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        let response = app.router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Self(response.into_body().into_data_stream())
    }

    /// The next event; `None` when the server has ended the stream.
    pub(super) async fn next(&mut self) -> Option<Event> {
        let text = timeout(Duration::from_secs(20), self.0.next()).await.unwrap()?.unwrap();
        let text = std::str::from_utf8(&text).unwrap();
        let lines: Vec<_> = text.strip_suffix("\n\n").unwrap().split('\n').collect();
        let [id, name, data] = lines[..] else { panic!("{text}") };
        Some(Event {
            id: id.strip_prefix("id: ").unwrap().parse().unwrap(),
            name: name.strip_prefix("event: ").unwrap().to_owned(),
            data: serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap(),
        })
    }

    /// The next event that tells of something.
    async fn changed(&mut self) -> Event {
        loop {
            let event = self.next().await.unwrap();
            if event.name != "alive" {
                return event;
            }
        }
    }
}

async fn event_of(app: &TestApp, account: &Account, token: &str) -> u64 {
    app.revoke(account, token).await.lines("rescind-event")[0].parse().unwrap()
}

#[tokio::test]
async fn it_begins_where_the_log_is() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let head = app.log_head().await.0;
    let mut feed = Feed::open(&app, &token, None).await;
    let hello = feed.next().await.unwrap();
    assert_eq!((hello.id, &*hello.name), (head, "hello"));
    assert_eq!(hello.data["follower"].as_str().unwrap().len(), 32);
    let alive = Event { id: head, name: "alive".to_owned(), data: json!({}) };
    assert_eq!(feed.next().await.unwrap(), alive);
}

#[tokio::test]
async fn a_revocation_is_heard_with_its_number() {
    let app = TestApp::start().await;
    let (mine, token) = (app.token(&app.owner).await, app.token(&app.neighbour).await);
    let mut feed = Feed::open(&app, &mine, None).await;
    feed.next().await; // hello
    let id = event_of(&app, &app.neighbour, &token).await;
    let (list, index) = status(&token);
    let expected =
        Event { id, name: "changed".to_owned(), data: json!({"tokens": {list: [index]}}) };
    assert_eq!(feed.changed().await, expected);
}

/// Who follows 1,000 revocations a second reads a hundred messages.
#[tokio::test]
async fn what_happens_at_once_is_one_event() {
    let app = TestApp::start().await;
    let mine = app.token(&app.owner).await;
    let mut feed = Feed::open(&app, &mine, None).await;
    let mut tokens = Vec::new();
    for _ in 0..50 {
        tokens.push(app.token(&app.neighbour).await);
    }
    feed.next().await; // hello
    let revoke = tokens.iter().map(|token| app.revoke(&app.neighbour, token));
    futures_util::future::join_all(revoke).await;
    let (mut heard, mut events) = (Vec::new(), 0);
    while heard.len() < 50 {
        let event = feed.changed().await;
        let lists = event.data["tokens"].as_object().unwrap().clone();
        heard.extend(lists.values().flat_map(|bits| bits.as_array().unwrap().clone()));
        events += 1;
    }
    assert!(events < 10, "{events}");
    let mut expected: Vec<_> = tokens.iter().map(|token| json!(status(token).1)).collect();
    heard.sort_by_key(Value::as_u64);
    expected.sort_by_key(Value::as_u64);
    assert_eq!(heard, expected);
}

#[tokio::test]
async fn all_tokens_of_an_account_are_heard_as_their_blocks() {
    let app = TestApp::start().await;
    let (mine, token) = (app.token(&app.owner).await, app.token(&app.neighbour).await);
    let mut feed = Feed::open(&app, &mine, None).await;
    feed.next().await; // hello
    let path = format!(
        "/api/public/v1.0/orgs/{}/serviceAccounts/{}/tokens",
        app.owner.org_id, app.neighbour.id
    );
    let answer = app.call("DELETE", &path).bearer(&mine).send().await;
    assert_eq!(answer.status, 204);
    let event = feed.changed().await;
    assert_eq!(answer.lines("rescind-event"), [&*event.id.to_string()]);
    let (list, index) = status(&token);
    assert_eq!(event.data, json!({"blocks": {list: [index / 64]}}));
}

/// What it got since is alive, and who came back must not believe it dead.
#[tokio::test]
async fn whoever_comes_back_hears_of_no_block_that_is_alive() {
    let app = TestApp::start().await;
    let (mine, old) = (app.token(&app.owner).await, app.token(&app.neighbour).await);
    let before = app.log_head().await.0;
    let accounts = format!("/api/public/v1.0/orgs/{}/serviceAccounts", app.owner.org_id);
    let path = format!("{accounts}/{}/tokens", app.neighbour.id);
    assert_eq!(app.call("DELETE", &path).bearer(&mine).send().await.status, 204);
    let new = app.token(&app.neighbour).await;
    assert_ne!(status(&new).1 / 64, status(&old).1 / 64, "another block");
    let mut feed = Feed::open(&app, &mine, Some(&before.to_string())).await;
    let (list, index) = status(&old);
    assert_eq!(feed.changed().await.name, "hello");
    assert_eq!(feed.changed().await.data, json!({"blocks": {list: [index / 64]}}));
    assert!(app.is_alive(&app.neighbour, &new).await);
}

/// Its own blocks, and not all that are dead; also for who comes back when it is gone.
#[tokio::test]
async fn a_deleted_organization_is_heard_of_as_its_blocks() {
    let app = TestApp::start().await;
    let (mine, theirs) = (app.token(&app.owner).await, app.token(&app.stranger).await);
    let dead_already = app.token(&app.neighbour).await;
    let mut feed = Feed::open(&app, &mine, None).await;
    feed.next().await; // hello
    let path = format!(
        "/api/public/v1.0/orgs/{}/serviceAccounts/{}/tokens",
        app.owner.org_id, app.neighbour.id
    );
    assert_eq!(app.call("DELETE", &path).bearer(&mine).send().await.status, 204);
    // Heard of by itself, so that what comes next is told apart from it.
    feed.changed().await;
    let before = app.log_head().await.0.to_string();
    let org = format!("/api/public/v1.0/orgs/{}", app.stranger.org_id);
    let deleted = app.call("DELETE", &org).bearer(&theirs).send().await;
    assert!(deleted.status < 300, "{}", deleted.text());
    let (list, index) = status(&theirs);
    let expected = json!({"blocks": {list: [index / 64]}});
    assert_ne!(index / 64, status(&dead_already).1 / 64);
    assert_eq!(feed.changed().await.data, expected);
    let mut later = Feed::open(&app, &mine, Some(&before)).await;
    later.next().await; // hello
    assert_eq!(later.changed().await.data, expected);
}

#[tokio::test]
async fn accounts_are_heard_of_in_their_own_organization_only() {
    let app = TestApp::start().await;
    let (mine, theirs) = (app.token(&app.owner).await, app.token(&app.stranger).await);
    let mut here = Feed::open(&app, &mine, None).await;
    let mut there = Feed::open(&app, &theirs, None).await;
    here.next().await; // hello
    there.next().await;
    let path =
        format!("/api/public/v1.0/orgs/{}/serviceAccounts/{}", app.owner.org_id, app.neighbour.id);
    let json = ("content-type", "application/json");
    let change = app.call("PATCH", &path).bearer(&mine).header(json.0, json.1);
    let answer = change.body(r#"{"roles":["ORG_READ_ONLY"]}"#).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(here.changed().await.data, json!({"accounts": [app.neighbour.id]}));

    let settings = format!("/api/public/v1.0/orgs/{}/settings", app.owner.org_id);
    let change = app.call("PATCH", &settings).bearer(&mine).header(json.0, json.1);
    let answer = change.body(r#"{"maxServiceAccountSecretValidityInHours":100}"#).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(here.changed().await.data, json!({"organization": true}));

    app.revoke(&app.owner, &mine).await;
    // All that the other organization heard of is the dead token.
    let (list, index) = status(&mine);
    assert_eq!(there.changed().await.data, json!({"tokens": {list: [index]}}));
}

#[tokio::test]
async fn whoever_comes_back_has_missed_nothing() {
    let app = TestApp::start().await;
    let mine = app.token(&app.owner).await;
    let tokens = [app.token(&app.neighbour).await, app.token(&app.neighbour).await];
    let before = app.log_head().await.0;
    let first = event_of(&app, &app.neighbour, &tokens[0]).await;
    event_of(&app, &app.neighbour, &tokens[1]).await;
    let bits = |tokens: &[String]| {
        let list = status(&tokens[0]).0;
        let bits: BTreeSet<_> = tokens.iter().map(|token| status(token).1).collect();
        json!({"tokens": {list: bits}})
    };
    for (after, expected) in [(before, bits(&tokens)), (first, bits(&tokens[1..]))] {
        let mut feed = Feed::open(&app, &mine, Some(&after.to_string())).await;
        let hello = feed.next().await.unwrap();
        assert_eq!((hello.id, &*hello.name), (after, "hello"));
        let event = feed.next().await.unwrap();
        assert_eq!((event.id, event.data), (app.log_head().await.0, expected));
    }
}

/// After a restore from a backup, or with another server: what it knows is not of this log.
#[tokio::test]
async fn whoever_knows_of_what_has_not_happened_starts_anew() {
    let app = TestApp::start().await;
    let mine = app.token(&app.owner).await;
    let head = app.log_head().await.0;
    for after in [&*(head + 1).to_string(), "nonsense", "", "0"] {
        let mut feed = Feed::open(&app, &mine, Some(after)).await;
        let hello = feed.next().await.unwrap();
        // Were the line to break here, it would have to hear of it again.
        assert_eq!((hello.id, &*hello.name), (0, "hello"), "{after}");
        let data = json!({"acknowledge": true});
        let missed = Event { id: head, name: "missed".to_owned(), data };
        assert_eq!(feed.next().await.unwrap(), missed, "{after}");
    }
}

#[tokio::test]
async fn whoever_was_away_for_too_long_starts_anew() {
    let app = TestApp::start_after(async |store, owner| {
        let client_id = owner.id.parse().unwrap();
        let changes = vec![Change::AccountTokensRevoked { client_id }; 17_000];
        let (actor, org_id) = (Actor::Server, Some(owner.org_id));
        let transaction = Transaction { actor, org_id, decided_of: None, changes };
        store.commit(now(), &[transaction]).await.unwrap();
    })
    .await;
    let mine = app.token(&app.owner).await;
    let head = app.log_head().await.0;
    for (behind, name) in [(16_384, "alive"), (16_385, "missed")] {
        let mut feed = Feed::open(&app, &mine, Some(&(head - behind).to_string())).await;
        feed.next().await; // hello
        let event = feed.next().await.unwrap();
        assert_eq!((event.id, &*event.name), (head, name), "{behind}");
    }
}

/// Who may not use the token any more may not follow either.
#[tokio::test]
async fn it_ends_when_an_access_list_is_required() {
    let app = TestApp::start().await;
    let (mine, theirs) = (app.token(&app.owner).await, app.token(&app.neighbour).await);
    let api = format!("/api/public/v1.0/orgs/{}", app.owner.org_id);
    let json = ("content-type", "application/json");
    let list = app.post(&format!("{api}/serviceAccounts/{}/accessList", app.owner.id));
    let list = list.bearer(&mine).from("192.0.2.7").header(json.0, json.1);
    let added = list.body(r#"[{"ipAddress":"192.0.2.7"}]"#).send().await;
    assert_eq!(added.status, 200, "{}", added.text());
    let mut feed = Feed::open(&app, &theirs, None).await;
    feed.next().await; // hello
    feed.next().await; // alive
    let change = app.call("PATCH", &format!("{api}/settings")).bearer(&mine).from("192.0.2.7");
    let change = change.header(json.0, json.1).body(r#"{"apiAccessListRequired":true}"#);
    let answer = change.send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(feed.next().await, None);
}

#[tokio::test]
async fn it_ends_with_the_token() {
    let app = TestApp::start().await;
    let mine = app.token(&app.owner).await;
    let mut feed = Feed::open(&app, &mine, None).await;
    feed.next().await; // hello
    feed.next().await; // alive
    app.revoke(&app.owner, &mine).await;
    assert_eq!(feed.next().await, None);

    let mine = app.token(&app.owner).await;
    let mut feed = Feed::open(&app, &mine, None).await;
    feed.next().await; // hello
    app.clock.move_to(3600);
    assert_eq!(feed.next().await, None);
}

#[tokio::test]
async fn it_ends_when_the_process_does() {
    let app = TestApp::start().await;
    let mine = app.token(&app.owner).await;
    let mut feed = Feed::open(&app, &mine, None).await;
    feed.next().await; // hello
    feed.next().await; // alive
    app.authority.announce_stop();
    assert_eq!(feed.next().await, None);
}

#[tokio::test]
async fn it_is_not_for_everybody() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    app.revoke(&app.owner, &token).await;
    for call in [
        app.get("/api/oauth/feed"),
        app.get("/api/oauth/feed").bearer("nonsense"),
        app.get("/api/oauth/feed").bearer(&token),
        app.get("/api/oauth/feed").by(&app.owner),
    ] {
        let answer = call.send().await;
        assert_eq!(answer.status, 401);
        assert!(answer.lines("www-authenticate").iter().any(|line| line.starts_with("Bearer ")));
    }
}
