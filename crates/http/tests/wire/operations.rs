//! What operators ask: `/metrics`, `/readyz`, `/healthz`.

use std::{collections::BTreeSet, num::NonZeroU32, sync::Arc};

use rescind_authority::Limits;
use rescind_harness::{CertificateAuthority, Validity};

use crate::{
    app::{Fault, TOKEN, TestApp},
    socket::tls::tls,
};

/// With a limit of live tokens, so that they are counted.
async fn limited() -> TestApp {
    let live_tokens = NonZeroU32::new(100);
    TestApp::start_limited(Limits { live_tokens, ..Limits::default() }).await
}

async fn metrics(app: &TestApp) -> String {
    let answer = app.operations("/metrics").await;
    assert_eq!(answer.status, 200);
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(answer.lines("content-type"), [kind]);
    answer.text().to_owned()
}

/// The value of the one line that begins so.
pub(crate) async fn value(app: &TestApp, line: &str) -> f64 {
    text_of(app, line).await.parse().unwrap()
}

/// The same as it stands there.
pub(crate) async fn text_of(app: &TestApp, line: &str) -> String {
    let text = metrics(app).await;
    let start = format!("{line} ");
    let mut values = text.lines().filter_map(|line| line.strip_prefix(&*start));
    let value = values.next().unwrap_or_else(|| panic!("no {line} in\n{text}"));
    assert_eq!(values.next(), None, "{line} twice");
    value.to_owned()
}

#[tokio::test]
async fn a_request_is_counted_under_its_endpoint() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let org = format!("/api/public/v1.0/orgs/{}", app.owner.org_id);
    for path in [org.clone(), format!("{org}/")] {
        assert_eq!(app.get(&path).bearer(&token).send().await.status, 200);
    }
    assert_eq!(app.get(&org).bearer("nonsense").send().await.status, 401);
    let orgs =
        r#"rescind_http_requests_total{endpoint="/api/public/v1.0/orgs/{org_id}",method="GET""#;
    assert!((value(&app, &format!(r#"{orgs},status="200"}}"#)).await - 2.0).abs() < 0.1);
    assert!((value(&app, &format!(r#"{orgs},status="401"}}"#)).await - 1.0).abs() < 0.1);
    let timed = r#"rescind_http_request_seconds_count{endpoint="/api/public/v1.0/orgs/{org_id}"}"#;
    assert!((value(&app, timed).await - 3.0).abs() < 0.1);
}

/// What is labelled by what a client invents grows until there is no memory left.
#[tokio::test]
async fn nothing_that_a_client_invents_is_a_label() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    app.get("/made/up").send().await;
    app.get("/api/public/v1.0/made/up").bearer(&token).send().await;
    app.call("BREW", "/api/oauth/token").send().await;
    let text = metrics(&app).await;
    assert!(text.contains(r#"endpoint="none",method="GET",status="404""#), "{text}");
    assert!(text.contains(r#"method="other",status="405""#), "{text}");
    for invented in ["made", "BREW", &*token, &*app.owner.id, app.owner.secret()] {
        assert!(!text.contains(invented), "{invented} in\n{text}");
    }
}

#[tokio::test]
async fn tokens_are_counted_until_they_are_dead() {
    let app = limited().await;
    let mut tokens = Vec::new();
    for _ in 0..3 {
        tokens.push(app.token(&app.owner).await);
    }
    app.revoke(&app.owner, &tokens[0]).await;
    for (metric, expected) in [
        ("rescind_tokens_issued_total", 3.0),
        ("rescind_live_tokens", 2.0),
        ("rescind_revoked_tokens", 1.0),
        ("rescind_status_lists", 1.0),
        ("rescind_service_accounts", 3.0),
    ] {
        assert!((value(&app, metric).await - expected).abs() < 0.1, "{metric}");
    }
    assert!(value(&app, "rescind_change_log_head").await > 3.0);
}

/// To take all back sets the bits of tokens that there never were, too.
#[tokio::test]
async fn live_tokens_are_those_of_others_when_an_account_takes_all_of_its_own_back() {
    let app = limited().await;
    let token = app.token(&app.owner).await;
    app.token(&app.neighbour).await;
    app.token(&app.stranger).await;
    let (org, id) = (app.owner.org_id, &app.owner.id);
    let all = format!("/api/public/v1.0/orgs/{org}/serviceAccounts/{id}/tokens");
    assert_eq!(app.call("DELETE", &all).bearer(&token).send().await.status, 204);
    assert!((value(&app, "rescind_revoked_tokens").await - 64.0).abs() < 0.1);
    assert!((value(&app, "rescind_live_tokens").await - 2.0).abs() < 0.1);
    app.clock.move_to(3600 + 300);
    assert!(value(&app, "rescind_live_tokens").await.abs() < 0.1);
}

#[tokio::test]
async fn live_tokens_that_nobody_counts_are_not_told() {
    let app = TestApp::start().await;
    app.token(&app.owner).await;
    assert!(!metrics(&app).await.contains("live_tokens "));
}

#[tokio::test]
async fn every_limit_that_was_reached_is_counted_by_its_kind() {
    let once = "1/1m".parse().ok();
    let live_tokens = NonZeroU32::new(1);
    let app = TestApp::start_limited(Limits { oauth: once, api: once, live_tokens }).await;
    let reached = async |limit| {
        value(&app, &format!(r#"rescind_limits_reached_total{{limit="{limit}"}}"#)).await
    };
    let token = app.token(&app.owner).await;
    for limit in ["token", "revoke", "api", "live_tokens"] {
        assert!(reached(limit).await.abs() < 0.1, "{limit}: nobody was refused yet");
    }
    let grant = || app.post(TOKEN).by(&app.owner).form("grant_type=client_credentials");
    assert_eq!(grant().send().await.status, 429);
    assert_eq!(grant().from("192.0.2.1").send().await.status, 403);
    for status in [200, 429, 429] {
        assert_eq!(app.revoke(&app.owner, "x").await.status, status);
    }
    for status in [200, 429, 429, 429] {
        let call = app.get("/api/public/v1.0/orgs").bearer(&token);
        assert_eq!(call.send().await.status, status);
    }
    for (limit, times) in [("token", 1.0), ("live_tokens", 1.0), ("revoke", 2.0), ("api", 3.0)] {
        assert!((reached(limit).await - times).abs() < 0.1, "{limit}");
    }
}

#[tokio::test]
async fn a_commit_that_fails_is_counted_and_makes_it_unready() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let ready = |writable: bool| {
        format!(r#"{{"storeWritable":{writable},"changeLogFollowed":true,"stopping":false}}"#)
    };
    let commits = value(&app, "rescind_commit_seconds_count").await;
    app.store.fail(Fault::NothingWritten);
    assert_eq!(app.operations("/readyz").await.outcome(), (200, &*ready(true)));
    app.revoke(&app.owner, &token).await;
    for answer in [app.operations("/readyz").await, app.get("/readyz").send().await] {
        assert_eq!(answer.outcome(), (503, &*ready(false)));
        assert_eq!(answer.lines("retry-after"), ["10"]);
    }
    assert_eq!(app.operations("/healthz").await.status, 200, "it is alive");
    assert!((value(&app, "rescind_commit_failures_total").await - 1.0).abs() < 0.1);
    app.store.recover();
    app.revoke(&app.owner, &token).await;
    assert_eq!(app.operations("/readyz").await.outcome(), (200, &*ready(true)));
    let counted = value(&app, "rescind_commit_seconds_count").await - commits;
    assert!((counted - 2.0).abs() < 0.1, "{counted}");
}

#[tokio::test]
async fn a_process_that_is_about_to_end_is_not_ready() {
    let app = TestApp::start().await;
    app.authority.announce_stop();
    let answer = app.operations("/readyz").await;
    assert_eq!((answer.status, answer.json()["stopping"].as_bool()), (503, Some(true)));
}

#[tokio::test]
async fn metrics_are_not_for_the_public() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/metrics").send().await.status, 404);
    assert_eq!(app.operations("/api/oauth/token").await.status, 404);
}

/// docs/operating.md lists what there is to watch.
#[tokio::test]
async fn the_table_for_operators_is_complete() {
    let app = limited().await;
    let certificate = CertificateAuthority::new().unwrap().issue(Validity::Current).unwrap();
    app.metrics.watch_certificate("clients", Arc::new(tls(&certificate, None).unwrap()));
    app.get("/healthz").send().await;
    let text = metrics(&app).await;
    let registered: BTreeSet<_> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operating.md");
    let docs = std::fs::read_to_string(docs).unwrap();
    let documented: BTreeSet<_> = docs
        .lines()
        .filter_map(|line| line.strip_prefix("| `rescind_")?.split('`').next())
        .collect();
    let registered: BTreeSet<_> =
        registered.iter().map(|name| name.strip_prefix("rescind_").unwrap()).collect();
    assert_eq!(documented, registered);
}
