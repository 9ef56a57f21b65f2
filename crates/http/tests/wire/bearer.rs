//! A token in use (oauth-endpoints.md 6.2, conventions.md 2.2): every resource asks for one alike.

use serde_json::json;

use crate::{
    app::{Account, TestApp},
    call::Answer,
    revoke::not_tokens,
};

/// Every resource there is, under both roots.
fn resources(account: &Account) -> Vec<String> {
    let one = format!("/orgs/{}", account.org_id);
    let paths = ["/orgs", "/orgs/", one.as_str(), "/groups", "/groups/"];
    let roots = ["/api/public/v1.0", "/api/atlas/v2"];
    roots.iter().flat_map(|root| paths.map(|path| format!("{root}{path}"))).collect()
}

fn assert_challenged(answer: &Answer, second: &str, row: &str) {
    assert_eq!(answer.status, 401, "row: {row}");
    let [first, _, last] = answer.lines("www-authenticate")[..] else {
        panic!("three challenges, not {:?}; row: {row}", answer.headers)
    };
    assert!(first.starts_with(r#"Digest realm="MMS Public API", domain="", nonce=""#), "{first}");
    assert_eq!(last, second, "row: {row}");
}

#[tokio::test]
async fn a_live_token_opens_every_resource() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    for resource in resources(&app.owner) {
        for scheme in ["Bearer", "bearer", "BEARER"] {
            let call = app.get(&resource).header("authorization", format!("{scheme} {token}"));
            let answer = call.send().await;
            assert_eq!(answer.status, 200, "{scheme} at {resource}");
            assert_eq!(answer.lines("content-type"), ["application/json"], "{resource}");
        }
    }
}

/// Rows "unknown/garbage Bearer" and "expired or revoked": an empty body.
#[tokio::test]
async fn a_token_that_is_not_live_opens_nothing() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let revoked = app.token(&app.owner).await;
    assert_eq!(app.revoke(&app.owner, &revoked).await.status, 200);
    let elsewhere = TestApp::start().await;
    let mut rows = not_tokens(&token, &elsewhere.token(&elsewhere.owner).await);
    rows.push(("revoked", revoked));
    for (row, text) in rows {
        for resource in resources(&app.owner) {
            let answer = app.get(&resource).bearer(&text).send().await;
            assert_challenged(
                &answer,
                r#"Bearer realm="MMS Public API", error="invalid_token""#,
                row,
            );
            assert_eq!(answer.text(), "", "row: {row}");
        }
    }
    let answer = app.get("/api/public/v1.0/orgs").header("authorization", b"Bearer \xff").send();
    assert_eq!(answer.await.outcome(), (401, ""), "not ASCII");
    assert!(app.is_alive(&app.owner, &token).await);
    app.clock.move_to(3600);
    let answer = app.get("/api/public/v1.0/orgs").bearer(&token).send().await;
    assert_challenged(
        &answer,
        r#"Bearer realm="MMS Public API", error="invalid_token""#,
        "expired",
    );
    assert_eq!(answer.text(), "");
}

/// Row "no `Authorization` at all"; a client's own credentials are not what is asked for.
#[tokio::test]
async fn whoever_shows_no_token_is_told_what_is_asked_for() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    for resource in resources(&app.owner) {
        let calls = [
            ("nothing", app.get(&resource)),
            ("Basic", app.get(&resource).by(&app.owner)),
            ("Digest", app.get(&resource).header("authorization", "Digest username=\"x\"")),
            ("in the query", app.get(&format!("{resource}?access_token={token}"))),
            ("in the form", app.get(&resource).form(&format!("access_token={token}"))),
            ("twice", app.get(&resource).bearer(&token).bearer(&token)),
        ];
        for (row, call) in calls {
            let answer = call.send().await;
            assert_challenged(&answer, r#"Bearer realm="MMS Public API""#, row);
            assert_eq!(
                answer.lines("content-type"),
                ["application/json;charset=ISO-8859-1"],
                "row: {row}"
            );
            assert_eq!(
                answer.json(),
                json!({
                    "detail": "You are not authorized for this resource.",
                    "error": 401,
                    "errorCode": "UNEXPECTED_ERROR",
                    "parameters": [],
                    "reason": "Unauthorized",
                }),
                "row: {row}"
            );
        }
    }
}

/// conventions.md 2.2 and 2.3, in the order of its members.
#[tokio::test]
async fn a_path_that_there_is_not_is_named_in_the_answer() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let rows = [
        "/api/public/v1.0/orgs/6400aa11bb22cc33dd44ee55/foo",
        "/api/atlas/v2/nothing",
        "/api/oauth/nothing",
        "/api/oauth/token/",
        "/api/private/v1.0/telemetry/events",
        "/",
        "/%7Bno%22thing%7D",
    ];
    for path in rows {
        let expected = format!(
            r#"{{"detail":"Cannot find resource {path}.","error":404,"errorCode":"RESOURCE_NOT_FOUND","parameters":["{path}"],"reason":"Not Found"}}"#
        );
        for call in [app.get(path), app.post(path), app.get(path).bearer(&token)] {
            let answer = call.send().await;
            assert_eq!(answer.outcome(), (404, expected.as_str()));
            assert_eq!(answer.lines("content-type"), ["application/json"]);
        }
    }
}

#[tokio::test]
async fn a_method_that_a_path_does_not_have_is_refused() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    for resource in resources(&app.owner) {
        let allowed = match resource.trim_end_matches('/').rsplit('/').next().unwrap() {
            "orgs" | "groups" => "GET,HEAD,POST",
            _ => "GET,HEAD,PATCH,DELETE",
        };
        for method in ["POST", "PUT", "PATCH", "DELETE"].iter().filter(|m| !allowed.contains(*m)) {
            let answer = app.call(method, &resource).bearer(&token).send().await;
            assert_eq!(answer.status, 405, "{method} {resource}");
            assert_eq!(answer.lines("allow"), [allowed], "{method} {resource}");
            assert_eq!(answer.lines("content-type"), ["application/json"]);
            let said = answer.json();
            assert_eq!(said["error"], 405, "{method} {resource}");
            assert_eq!(said["reason"], "Method Not Allowed", "{method} {resource}");
            assert!(said["errorCode"].is_string(), "{method} {resource}");
        }
    }
}

/// RFC 9110 section 9.3.2: the headers of the answer to `GET`, the length among them.
#[tokio::test]
async fn head_is_get_without_the_body() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    for resource in resources(&app.owner) {
        for query in ["", "?pretty=true", "?envelope=true"] {
            let target = format!("{resource}{query}");
            let got = app.get(&target).bearer(&token).send().await;
            let headed = app.call("HEAD", &target).bearer(&token).send().await;
            assert_eq!(headed.outcome(), (200, ""), "{target}");
            assert_eq!(headed.headers, got.headers, "{target}");
            assert_eq!(got.lines("content-length"), [got.body.len().to_string()], "{target}");
        }
    }
}

/// clients.md 8, row 12: of any date, and only for whoever asks.
#[tokio::test]
async fn the_atlas_family_answers_in_the_version_that_was_asked_for() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let plain = "application/json";
    let versioned = "application/vnd.atlas.2025-03-12+json;charset=utf-8";
    let rows = [
        ("/api/atlas/v2/orgs", "application/vnd.atlas.2025-03-12+json", versioned),
        ("/api/atlas/v2/groups", "application/vnd.atlas.2025-03-12+json", versioned),
        ("/api/atlas/v2/orgs", "text/html, application/vnd.atlas.2025-03-12+json;q=0.9", versioned),
        (
            "/api/atlas/v2/orgs",
            "application/vnd.atlas.2023-01-01+json",
            "application/vnd.atlas.2023-01-01+json;charset=utf-8",
        ),
        ("/api/atlas/v2/orgs", "application/json", plain),
        ("/api/atlas/v2/orgs", "*/*", plain),
        ("/api/public/v1.0/orgs", "application/vnd.atlas.2025-03-12+json", plain),
        ("/api/atlas/v2/orgs?itemsPerPage=0", "application/vnd.atlas.2025-03-12+json", plain),
    ];
    for (target, accept, content_type) in rows {
        let answer = app.get(target).bearer(&token).header("accept", accept).send().await;
        assert_eq!(answer.lines("content-type"), [content_type], "{target} as {accept}");
    }
}
