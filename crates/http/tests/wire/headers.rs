//! The headers of each status (oauth-endpoints.md 3, conventions.md 1), as they stand on the wire:
//! those that the contract prints, and no others.

use std::collections::BTreeSet;

use crate::{
    app::{Fault, REVOKE, TOKEN, TestApp},
    socket::{RawAnswer, Server, post},
};

const GRANT: &str = "grant_type=client_credentials";

/// An answer of each status, in this order: the token 200, the revoke 200, 400, 401, 405, 413, 500.
async fn one_of_each(app: &TestApp, lines: &str) -> Vec<(&'static str, RawAnswer)> {
    let server = Server::start(app).await;
    let token = app.token(&app.owner).await;
    let form = format!("token={token}");
    let large = "x".repeat(100_000);
    let unauthenticated =
        |path| post(app, path, lines, GRANT).replace("Authorization", "X-Nothing");
    let requests = [
        ("200", post(app, TOKEN, lines, GRANT)),
        ("200 empty", post(app, REVOKE, lines, "token=x")),
        ("400", post(app, TOKEN, lines, "")),
        ("401", unauthenticated(TOKEN)),
        ("405", post(app, TOKEN, lines, "").replace("POST", "PUT")),
        ("413", post(app, TOKEN, lines, &large)),
        ("500", post(app, REVOKE, lines, &form)),
    ];
    let mut answers = Vec::new();
    for (row, request) in requests {
        if row == "500" {
            app.store.fail(Fault::NothingWritten);
        }
        let mut connection = server.connect().await;
        connection.send(request).await;
        let answer = connection.answer().await;
        assert_eq!(answer.status(), row[..3].parse::<u16>().unwrap(), "row: {row}");
        answers.push((row, answer));
    }
    answers
}

const HSTS: &str = "strict-transport-security";
const VERSION: &str = "x-mongodb-service-version";

/// Which headers there are, by name; each stands once, but for the two challenges.
#[tokio::test]
async fn each_status_has_the_headers_of_the_contract_and_no_others() {
    let usual = ["content-length", "content-type", "date", "vary", VERSION];
    #[rustfmt::skip]
    let rows: [(&str, &[&str], &[&str]); 7] = [
        ("200",       &usual, &["connection", HSTS, "cache-control", "pragma"]),
        // The one of ours: the number of the event (docs/feed.md).
        ("200 empty", &usual, &["connection", HSTS, "rescind-event"]),
        ("400",       &["content-length", "content-type", "date", VERSION], &["server", HSTS]),
        ("401",       &["content-length", "content-type", "date"], &["connection", "www-authenticate"]),
        ("405",       &usual, &["connection", HSTS, "allow"]),
        ("413",       &usual, &["connection", HSTS]),
        ("500",       &usual, &[HSTS]),
    ];
    for over_tls in [true, false] {
        let app = if over_tls { TestApp::start_over_tls().await } else { TestApp::start().await };
        for ((row, answer), (_, some, others)) in one_of_each(&app, "").await.iter().zip(rows) {
            let mut expected: BTreeSet<_> = some.iter().chain(others).copied().collect();
            if !over_tls {
                expected.remove(HSTS); // RFC 6797 section 7.2
            }
            let names: BTreeSet<_> = answer.headers.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, expected, "row: {row}, over TLS: {over_tls}");
            for name in names {
                let lines = if name == "www-authenticate" { 2 } else { 1 };
                assert_eq!(answer.lines(name).len(), lines, "{name} in row {row}");
            }
        }
    }
}

#[tokio::test]
async fn each_header_has_the_literal_value_of_the_contract() {
    let app = TestApp::start_over_tls().await;
    for (row, answer) in one_of_each(&app, "").await {
        let value = |name| answer.lines(name).first().copied().unwrap_or("absent");
        let (content_type, hsts, connection) = match row {
            "400" => ("application/json", "max-age=31536000; includeSubdomains;", "absent"),
            "401" => ("application/json;charset=ISO-8859-1", "absent", "keep-alive"),
            "413" => ("application/json", "max-age=300", "close"),
            "500" => ("application/json", "max-age=300", "absent"),
            _ => ("application/json", "max-age=300", "keep-alive"),
        };
        assert_eq!(value("content-type"), content_type, "row: {row}");
        assert_eq!(value(HSTS), hsts, "row: {row}");
        assert_eq!(value("connection"), connection, "row: {row}");
        assert_eq!(value("content-length"), answer.body.len().to_string(), "row: {row}");
        assert_eq!(
            value("vary"),
            if matches!(row, "400" | "401") { "absent" } else { "Accept-Encoding" },
            "row: {row}"
        );
        assert_eq!(value("server"), if row == "400" { "mdbws" } else { "absent" }, "row: {row}");
        assert_http_date(value("date"));
        if row != "401" {
            assert_version(value(VERSION));
        }
    }
}

/// `Tue, 01 Apr 2025 10:00:00 GMT` (RFC 9110 section 5.6.7).
fn assert_http_date(date: &str) {
    let like: String = date
        .chars()
        .map(|c| match c {
            'a'..='z' | 'A'..='Z' => 'a',
            '0'..='9' => '9',
            other => other,
        })
        .collect();
    assert_eq!(like, "aaa, 99 aaa 9999 99:99:99 aaa", "{date}");
    assert!(date.ends_with(" GMT"), "{date}");
}

fn assert_version(version: &str) {
    let rest = version.strip_prefix("gitHash=").unwrap();
    let (hash, number) = rest.split_once("; versionString=").unwrap();
    assert!(!hash.is_empty() && hash.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{version}");
    assert_eq!(number, env!("CARGO_PKG_VERSION"));
}

/// The line that the contract prints, its misprint included, then the scheme that was used.
#[tokio::test]
async fn a_401_challenges_twice_with_a_nonce_of_its_own() {
    let app = TestApp::start().await;
    let mut nonces = BTreeSet::new();
    for _ in 0..20 {
        let answer = app.post(TOKEN).form(GRANT).send().await;
        assert_eq!(answer.status, 401);
        let [digest, basic] = answer.lines("www-authenticate")[..] else {
            panic!("{:?}", answer.headers)
        };
        assert_eq!(basic, r#"Basic realm="MMS Public API""#);
        let nonce = digest
            .strip_prefix(r#"Digest realm="MMS Public API", domain="", nonce=""#)
            .and_then(|rest| rest.strip_suffix(r#"", algorithm=MD5, op="auth", stale=false"#))
            .unwrap_or_else(|| panic!("{digest}"));
        assert!(nonce.len() >= 22, "128 bits or more: {nonce}");
        assert!(nonce.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{nonce}");
        assert!(nonces.insert(nonce.to_owned()), "twice the same: {nonce}");
    }
}

/// RFC 9112 section 9.6: whoever asks for the end is told that it comes.
#[tokio::test]
async fn a_client_that_asks_to_close_is_told_so_where_the_contract_has_the_header() {
    let app = TestApp::start().await;
    for (row, answer) in one_of_each(&app, "Connection: close\r\n").await {
        let expected: &[&str] = if matches!(row, "400" | "500") { &[] } else { &["close"] };
        let told = answer.lines("connection");
        assert!(told == expected || told == ["close"], "row: {row}: {told:?}");
    }
}
