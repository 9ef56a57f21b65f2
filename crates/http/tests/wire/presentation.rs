//! `pretty`, `envelope` and `backupJobsEnabledOnly` (oauth-endpoints.md 1.1, conventions.md 3).

use serde_json::{Value, json};

use crate::{
    app::{Fault, INTROSPECT, REVOKE, TOKEN, TestApp},
    literal::{INVALID_CLIENT, INVALID_REQUEST, REVOKED, SERVER_ERROR, TOO_LARGE},
};

const GRANT: &str = "grant_type=client_credentials";

/// The rows of 1.1, column "pretty=true", in the style of the contract's samples.
#[tokio::test]
async fn pretty_indents_a_token_and_an_error() {
    let app = TestApp::start().await;
    let target = format!("{TOKEN}?pretty=true");
    let answer = app.post(&target).by(&app.owner).form(GRANT).send().await;
    assert_eq!(answer.status, 200);
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(
        answer.text(),
        format!(
            "{{\n  \"access_token\" : \"{token}\",\n  \"expires_in\" : 3600,\n  \
             \"token_type\" : \"Bearer\"\n}}"
        )
    );
    assert_eq!(answer.lines("content-length"), [answer.body.len().to_string()]);
    assert_eq!(answer.lines("content-type"), ["application/json"]);
    assert_eq!(answer.lines("cache-control"), ["no-store"]);

    let answer = app.post(&target).form(GRANT).send().await;
    let indented = "{\n  \"error_description\" : \"Invalid credentials provided.\",\n  \
                    \"error\" : \"invalid_client\"\n}";
    assert_eq!(answer.outcome(), (401, indented));
}

/// Column "envelope=true": the status line stays as it is, and the order of members too.
#[tokio::test]
async fn an_envelope_repeats_the_status_within() {
    let app = TestApp::start().await;
    let target = format!("{TOKEN}?envelope=true");
    let answer = app.post(&target).by(&app.owner).form(GRANT).send().await;
    let token = answer.json()["content"]["access_token"].as_str().unwrap().to_owned();
    let content =
        format!(r#"{{"access_token":"{token}","expires_in":3600,"token_type":"Bearer"}}"#);
    let expected = format!(r#"{{"status":200,"content":{content}}}"#);
    assert_eq!(answer.outcome(), (200, expected.as_str()));

    app.store.fail(Fault::NothingWritten);
    let large = "x".repeat(70_000);
    let rows = [
        ("400", app.post(&target).by(&app.owner).form(""), INVALID_REQUEST),
        ("401", app.post(&target).form(GRANT), INVALID_CLIENT),
        ("413", app.post(&target).by(&app.owner).form(&large), TOO_LARGE),
        ("405", app.get(&target), (405, INVALID_REQUEST.1)),
        (
            "500",
            app.post(&format!("{REVOKE}?envelope=true"))
                .by(&app.owner)
                .form(&format!("token={token}")),
            SERVER_ERROR,
        ),
    ];
    for (row, call, (status, content)) in rows {
        let answer = call.send().await;
        let expected = format!(r#"{{"status":{status},"content":{content}}}"#);
        assert_eq!(answer.outcome(), (status, expected.as_str()), "row: {row}");
        assert_eq!(answer.lines("content-length"), [expected.len().to_string()], "row: {row}");
    }
}

#[tokio::test]
async fn both_together_indent_the_envelope() {
    let app = TestApp::start().await;
    let target = format!("{TOKEN}?pretty=true&envelope=true");
    let answer = app.post(&target).form(GRANT).send().await;
    let expected = "{\n  \"status\" : 401,\n  \"content\" : {\n    \
                    \"error_description\" : \"Invalid credentials provided.\",\n    \
                    \"error\" : \"invalid_client\"\n  }\n}";
    assert_eq!(answer.outcome(), (401, expected));
}

/// Row "revoke 200": there is no entity to wrap.
#[tokio::test]
async fn a_revocation_stays_without_a_body() {
    let app = TestApp::start().await;
    for query in ["pretty=true", "envelope=true", "pretty=true&envelope=true"] {
        let token = app.token(&app.owner).await;
        let call = app.post(&format!("{REVOKE}?{query}")).by(&app.owner);
        let answer = call.form(&format!("token={token}")).send().await;
        assert_eq!(answer.outcome(), REVOKED, "{query}");
        assert_eq!(answer.lines("content-length"), ["0"], "{query}");
        assert_eq!(answer.lines("content-type"), ["application/json"], "{query}");
        assert!(!app.is_alive(&app.owner, &token).await, "{query}");
    }
}

/// Rows "unparsable boolean" and "unknown query parameter", and the leftover of the backup pages.
#[tokio::test]
async fn what_does_not_say_true_changes_nothing() {
    let app = TestApp::start().await;
    let rows = [
        "pretty=false&envelope=false",
        "pretty=maybe&envelope=1",
        "pretty&envelope=",
        "pretty=True&envelope=TRUE",
        "Pretty=true&ENVELOPE=true",
        "backupJobsEnabledOnly=true",
        "backupJobsEnabledOnly=false",
        "backupJobsEnabledOnly=nonsense",
        "unknown=1&unknown=2&%zz=%ff",
        "&&&===",
    ];
    for query in rows {
        let target = format!("{TOKEN}?{query}");
        let answer = app.post(&target).by(&app.owner).form(GRANT).send().await;
        assert_eq!(answer.status, 200, "{query}");
        assert!(answer.text().starts_with(r#"{"access_token":"ey"#), "{query}: {}", answer.text());
        let answer = app.post(&target).form(GRANT).send().await;
        assert_eq!(answer.outcome(), INVALID_CLIENT, "{query}");
        let answer = app.post(&format!("{REVOKE}?{query}")).by(&app.owner).form("token=x").send();
        assert_eq!(answer.await.outcome(), REVOKED, "{query}");
    }
}

#[tokio::test]
async fn escaped_parameters_are_read_too() {
    let app = TestApp::start().await;
    let answer = app.post(&format!("{TOKEN}?pr%65tty=tru%65")).form(GRANT).send().await;
    assert!(answer.text().starts_with("{\n"), "{}", answer.text());
}

#[tokio::test]
async fn introspection_is_presented_alike() {
    let app = TestApp::start().await;
    let target = format!("{INTROSPECT}?envelope=true");
    let answer = app.post(&target).by(&app.owner).form("token=x").send().await;
    assert_eq!(answer.outcome(), (200, r#"{"status":200,"content":{"active":false}}"#));
}

/// conventions.md 3, rows "list" and "single entity".
#[tokio::test]
async fn the_envelope_of_a_list_is_the_list_itself() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let get = |target: String| app.get(&target).bearer(&token).send();
    let list = get("/api/public/v1.0/orgs?envelope=true".to_owned()).await.json();
    let members: Vec<_> = list.as_object().unwrap().keys().collect();
    assert_eq!(members, ["status", "links", "results", "totalCount"]);
    assert_eq!(list["status"], 200);
    let entity = format!("/api/public/v1.0/orgs/{}", app.owner.org_id);
    let enveloped = get(format!("{entity}?envelope=true")).await.json();
    assert_eq!(enveloped, json!({"status": 200, "content": get(entity).await.json()}));
    let error = get("/api/public/v1.0/nothing?envelope=true".to_owned()).await;
    assert_eq!(error.status, 404);
    assert_eq!(error.json()["status"], 404);
    assert_eq!(error.json()["content"]["error"], 404);
}

#[tokio::test]
async fn a_pretty_list_is_written_like_the_samples() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let answer = app.get("/api/public/v1.0/orgs?pretty=true").bearer(&token).send().await;
    let text = answer.text();
    let self_link =
        "http://tokens.example.com/api/public/v1.0/orgs?pretty=true&pageNum=1&itemsPerPage=100";
    let begins = format!(
        "{{\n  \"links\" : [ {{\n    \"href\" : \"{self_link}\",\n    \"rel\" : \"self\"\n  }} ],\n  \
         \"results\" : [ {{\n    \"id\" : \"{}\",\n",
        app.owner.org_id
    );
    assert!(text.starts_with(&begins), "{text}");
    assert!(text.ends_with(" ],\n  \"totalCount\" : 1\n}"), "{text}");
    assert!(serde_json::from_str::<Value>(text).is_ok());
}
