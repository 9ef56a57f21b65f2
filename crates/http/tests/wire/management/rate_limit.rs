//! How often the management API may be asked (conventions.md 2.4 row 429, and 6).

use rescind_authority::Limits;
use serde_json::Value;

use super::stage::{PUBLIC, ROOTS};
use crate::{
    app::TestApp,
    call::{Answer, Call},
    digest::client::Key,
};

async fn limited_to(rate: &str) -> TestApp {
    let api = Some(rate.parse().unwrap());
    TestApp::start_limited(Limits { api, ..Limits::default() }).await
}

/// One of `requests` every three minutes was too many, with two minutes to wait.
fn assert_refused_to_the_letter(answer: &Answer, path: &str, requests: u32) {
    let body = format!(
        r#"{{"detail":"Resource {path} is limited to {requests} requests every 3 minutes.","error":429,"errorCode":"RATE_LIMITED","parameters":["{path}",{requests},3],"reason":"Too Many Requests"}}"#
    );
    assert_eq!(answer.outcome(), (429, &*body));
    assert_eq!(answer.lines("retry-after"), ["120"]);
    assert_eq!(answer.rate_limit(), [&*requests.to_string(), "0", "120"]);
}

#[tokio::test]
async fn one_request_too_many_is_refused_to_the_letter() {
    for root in ROOTS {
        let app = limited_to("2/3m").await;
        let token = app.token(&app.owner).await;
        let path = format!("{root}/groups");
        let ask = async || app.get(&format!("{path}?pageNum=1")).bearer(&token).send().await;
        assert_eq!(ask().await.rate_limit(), ["2", "1", "180"]);
        app.clock.move_to(60);
        assert_eq!(ask().await.rate_limit(), ["2", "0", "120"]);
        let answer = ask().await;
        assert_refused_to_the_letter(&answer, &path, 2);
        app.clock.move_to(179);
        assert_eq!(ask().await.status, 429);
        app.clock.move_to(180);
        assert_eq!(ask().await.status, 200);
    }
}

#[tokio::test]
async fn requests_are_counted_by_project_and_else_by_organization() {
    type Ask = fn(&TestApp) -> String;
    const OF_ORG: Ask = |app| format!("/orgs/{}", app.owner.org_id);
    const OF_GROUP: Ask = |app| format!("/groups/{}", app.owner.group_id);
    #[rustfmt::skip]
    let rows: [(&str, Ask, Ask, bool); 7] = [
        ("the organization twice",         OF_ORG,   |_| "/orgs".to_owned(), true),
        ("the project twice",              OF_GROUP, |app| format!("{}/serviceAccounts", OF_GROUP(app)), true),
        ("the project, the organization",  OF_GROUP, OF_ORG, false),
        ("the organization, the project",  OF_ORG,   OF_GROUP, false),
        ("a project that there is not",    |_| "/groups/0123456789abcdef01234567".to_owned(), OF_ORG, true),
        ("a project of somebody else",     |app| format!("/groups/{}", app.stranger.group_id), OF_ORG, true),
        ("what is no id of a project",     |_| "/groups/x".to_owned(), OF_ORG, true),
    ];
    for root in ROOTS {
        for (row, first, next, together) in rows {
            let app = limited_to("1/1m").await;
            let token = app.token(&app.owner).await;
            let ask = async |path: Ask| {
                let path = format!("{root}{}", path(&app));
                app.get(&path).bearer(&token).send().await.status
            };
            assert_ne!(ask(first).await, 429, "row: {row}");
            assert_eq!(ask(next).await == 429, together, "row: {row}");
        }
    }
}

#[tokio::test]
async fn colleagues_share_what_strangers_do_not() {
    let app = limited_to("1/1m").await;
    let ask = async |account| {
        let token = app.token(account).await;
        app.get(&format!("{PUBLIC}/orgs")).bearer(&token).send().await.status
    };
    assert_eq!(ask(&app.owner).await, 200);
    assert_eq!(ask(&app.neighbour).await, 429);
    assert_eq!(ask(&app.stranger).await, 200);
}

/// Nobody can use up what belongs to others without a token of theirs.
#[tokio::test]
async fn a_request_without_a_live_token_is_not_counted() {
    let app = limited_to("1/1m").await;
    let token = app.token(&app.owner).await;
    let path = format!("{PUBLIC}/orgs");
    let strangers: [fn(Call) -> Call; 2] = [|call| call, |call| call.bearer("x")];
    for stranger in strangers {
        for _ in 0..3 {
            let answer = stranger(app.get(&path)).send().await;
            assert_eq!((answer.status, answer.rate_limit()), (401, ["absent"; 3]));
        }
    }
    assert_eq!(app.get(&path).bearer(&token).send().await.status, 200);
}

/// By Digest as by a token, to the letter. The challenge that a login begins with is not counted.
#[tokio::test]
async fn an_api_key_is_limited_as_its_organization_is() {
    for root in ROOTS {
        let app = limited_to("3/3m").await;
        // The first of the three: the key is made by a request.
        let key = Key::make(&app, &["ORG_MEMBER"]).await;
        let path = format!("{root}/orgs");
        let ask = async || key.ask(&app, "GET", &path, &Value::Null).await;
        let answer = ask().await;
        assert_eq!((answer.status, answer.rate_limit()), (200, ["3", "1", "180"]));
        app.clock.move_to(60);
        assert_eq!(ask().await.rate_limit(), ["3", "0", "120"]);
        let answer = ask().await;
        assert_refused_to_the_letter(&answer, &path, 3);
        assert_eq!(answer.lines("content-type"), ["application/json"]);
        assert_eq!(answer.lines("vary"), ["Accept-Encoding"]);
        assert_eq!(answer.lines("connection"), ["keep-alive"]);
        assert_eq!(answer.lines("x-mongodb-service-version").len(), 1);
        assert_eq!(answer.lines("www-authenticate"), [""; 0]);
        // Whoever cannot prove the key is not counted, and does not learn of the limit.
        let stolen = Key { private: "x".to_owned(), ..key.clone() };
        let refused = stolen.ask(&app, "GET", &path, &Value::Null).await;
        assert_eq!((refused.status, refused.rate_limit()), (401, ["absent"; 3]));
        let token = app.token(&app.neighbour).await;
        assert_eq!(app.get(&path).bearer(&token).send().await.status, 429, "a colleague's token");
        app.clock.move_to(180);
        assert_eq!(ask().await.status, 200);
    }
}

/// Resource servers ask for accounts as they ask for tokens: for each of their own requests.
#[tokio::test]
async fn what_resource_servers_ask_is_not_counted() {
    let app = limited_to("1/1m").await;
    let token = app.token(&app.owner).await;
    let path = format!("/api/oauth/accounts/{}", app.owner.id);
    for _ in 0..5 {
        let answer = app.get(&path).bearer(&token).send().await;
        assert_eq!((answer.status, answer.rate_limit()), (200, ["absent"; 3]));
    }
    assert_eq!(app.get(&format!("{PUBLIC}/orgs")).bearer(&token).send().await.status, 200);
}

#[tokio::test]
async fn the_root_says_whether_there_is_a_limit() {
    for (app, throttling) in [(limited_to("9/1m").await, true), (TestApp::start().await, false)] {
        let token = app.token(&app.owner).await;
        let answer = app.get(PUBLIC).bearer(&token).send().await;
        assert_eq!(answer.json()["throttling"], throttling);
        assert_eq!(answer.rate_limit()[0], if throttling { "9" } else { "absent" });
    }
}
