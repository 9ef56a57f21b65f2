//! Whom a client believes that it talks to: a `Host` of its own choice has no say in any answer.

use rescind_http::redirect_router;

use crate::{
    app::{ISSUER, TOKEN, TestApp},
    call::{Answer, Call},
};

const ELSEWHERE: &str = "elsewhere.example";

/// Names that a client or a proxy can put in.
const NAMES: [&str; 4] = ["host", "x-forwarded-host", "x-forwarded-proto", "x-original-url"];

fn elsewhere(call: Call) -> Call {
    NAMES.iter().fold(call, |call, name| call.header(name, ELSEWHERE))
}

/// Whether the other host is named anywhere in an answer.
fn is_named_in(answer: &Answer) -> bool {
    answer.text().contains(ELSEWHERE) || format!("{:?}", answer.headers).contains(ELSEWHERE)
}

#[tokio::test]
async fn no_answer_depends_on_the_host_that_was_asked_for() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let (org, id) = (app.owner.org_id, &app.owner.id);
    let rows = [
        "/.well-known/oauth-authorization-server".to_owned(),
        "/.well-known/jwks.json".to_owned(),
        "/openapi.json".to_owned(),
        "/docs".to_owned(),
        "/statuslists".to_owned(),
        "/healthz".to_owned(),
        "/made/up".to_owned(),
        "/api/public/v1.0".to_owned(),
        "/api/atlas/v2/orgs".to_owned(),
        format!("/api/public/v1.0/orgs/{org}"),
        format!("/api/public/v1.0/orgs/{org}/serviceAccounts?itemsPerPage=1&pageNum=1"),
        format!("/api/public/v1.0/orgs/{org}/serviceAccounts/{id}"),
        format!("/api/public/v1.0/orgs/{org}/events?itemsPerPage=1"),
        "/api/private/ipinfo".to_owned(),
    ];
    let mut with_links = 0;
    for path in rows {
        let plain = app.get(&path).bearer(&token).send().await;
        let absolute = app.get(&format!("http://{ELSEWHERE}{path}")).bearer(&token);
        for answer in [
            elsewhere(app.get(&path).bearer(&token)).send().await,
            elsewhere(absolute).send().await,
        ] {
            assert_eq!(answer.outcome(), plain.outcome(), "{path}");
            assert_eq!(answer.headers, plain.headers, "{path}");
            assert!(!is_named_in(&answer), "{path}: {answer:?}");
        }
        with_links += usize::from(plain.text().contains(ISSUER));
    }
    assert!(with_links >= 6, "most of them name the public URL: {with_links}");
}

#[tokio::test]
async fn what_is_made_for_one_request_names_no_other_host() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let accounts = format!("/api/public/v1.0/orgs/{}/serviceAccounts", app.owner.org_id);
    let new =
        r#"{"name":"one","description":"more","roles":["ORG_MEMBER"],"secretExpiresAfterHours":8}"#;
    let rows = [
        (
            201,
            app.post(&accounts).bearer(&token).header("content-type", "application/json").body(new),
        ),
        (401, app.get(&accounts)),
        (200, app.post(TOKEN).by(&app.owner).form("grant_type=client_credentials")),
        (401, app.post(TOKEN).basic("nobody", "x").form("")),
        (405, app.call("PUT", TOKEN)),
    ];
    for (status, call) in rows {
        let answer = elsewhere(call).send().await;
        assert!(!is_named_in(&answer), "{answer:?}");
        assert_eq!(answer.status, status, "{answer:?}");
    }
}

#[tokio::test]
async fn plain_http_is_sent_to_the_public_url_whatever_the_host() {
    let router = redirect_router("https://tokens.example.com");
    for target in ["/a?b", "http://elsewhere.example/a?b"] {
        let answer = elsewhere(Call::new(router.clone(), "GET", target)).send().await;
        assert_eq!(answer.status, 301);
        assert_eq!(answer.lines("location"), ["https://tokens.example.com/a?b"], "{target}");
    }
}
