//! How a body is read (oauth-endpoints.md 1 and 1.3), at all endpoints alike.

use axum::body::{Body, Bytes};
use futures_util::stream;

use crate::{
    app::{INTROSPECT, REVOKE, TOKEN, TestApp},
    call::FORM,
    literal::{INACTIVE, INVALID_REQUEST, Outcome, REVOKED, TOO_LARGE, UNSUPPORTED_GRANT_TYPE},
};

/// The largest body that is read.
const CAP: usize = 64 * 1024;

#[tokio::test]
async fn the_token_endpoint_reads_a_form_in_one_way_only() {
    let app = TestApp::start().await;
    let granted = None;
    let rows: [(&str, &[u8], Option<Outcome>); 20] = [
        ("plain", b"grant_type=client_credentials", granted),
        ("unknown parameters", b"a=1&grant_type=client_credentials&b=&c", granted),
        ("an unknown one twice", b"a=1&a=2&grant_type=client_credentials", granted),
        (
            "a scope, which is ignored",
            b"grant_type=client_credentials&scope=ORG_MCP_ACCESS",
            granted,
        ),
        (
            "a token of its neighbour endpoint",
            b"token=a&token=b&grant_type=client_credentials",
            granted,
        ),
        ("escaped", b"grant%5Ftype=client%5fcredentials", granted),
        ("empty pairs", b"&&grant_type=client_credentials&", granted),
        ("nothing", b"", Some(INVALID_REQUEST)),
        ("another name", b"grant=client_credentials", Some(INVALID_REQUEST)),
        ("the name in capitals", b"GRANT_TYPE=client_credentials", Some(INVALID_REQUEST)),
        ("no value", b"grant_type=", Some(INVALID_REQUEST)),
        ("no =", b"grant_type", Some(INVALID_REQUEST)),
        (
            "twice",
            b"grant_type=client_credentials&grant_type=client_credentials",
            Some(INVALID_REQUEST),
        ),
        ("twice, once empty", b"grant_type=&grant_type=client_credentials", Some(INVALID_REQUEST)),
        ("scope twice", b"grant_type=client_credentials&scope=a&scope=b", Some(INVALID_REQUEST)),
        ("a broken escape", b"grant_type=client_credentials%", Some(INVALID_REQUEST)),
        (
            "a broken escape elsewhere",
            b"grant_type=client_credentials&a=%zz",
            Some(INVALID_REQUEST),
        ),
        ("not UTF-8", b"grant_type=client_credentials&a=\xff", Some(INVALID_REQUEST)),
        ("+ is a space", b"grant_type=client+credentials", Some(UNSUPPORTED_GRANT_TYPE)),
        ("a NUL", b"grant_type=client_credentials%00", Some(UNSUPPORTED_GRANT_TYPE)),
    ];
    for (row, body, expected) in rows {
        let call = app.post(TOKEN).by(&app.owner).header("content-type", FORM);
        let answer = call.body(body.to_vec()).send().await;
        match expected {
            None => assert_eq!(answer.status, 200, "row: {row}"),
            Some(outcome) => assert_eq!(answer.outcome(), outcome, "row: {row}"),
        }
    }
}

/// The same form at two endpoints: a bad one neither kills a token nor tells of it.
#[tokio::test]
async fn the_endpoints_that_take_a_token_read_a_form_in_one_way_only() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let bad_rows = [
        ("nothing", String::new()),
        ("the name in capitals, as one page of the contract prints it", format!("TOKEN={token}")),
        ("no value", "token=".to_owned()),
        ("no =", "token".to_owned()),
        ("twice", format!("token={token}&token={token}")),
        ("twice, once empty", format!("token=&token={token}")),
        ("the hint twice", format!("token={token}&token_type_hint=a&token_type_hint=a")),
        ("a broken escape", format!("token={token}%4")),
        ("a broken escape elsewhere", format!("token={token}&a=%g0")),
        ("not UTF-8", format!("token={token}&a=%C3%28")),
    ];
    for endpoint in [REVOKE, INTROSPECT] {
        for (row, body) in &bad_rows {
            let answer = app.post(endpoint).by(&app.owner).form(body).send().await;
            assert_eq!(answer.outcome(), INVALID_REQUEST, "row: {row}, at {endpoint}");
        }
    }
    assert!(app.is_alive(&app.owner, &token).await);
    let good_rows = [
        ("unknown parameters", format!("a=1&a=2&token={token}&b")),
        ("escaped", format!("%74oken={}", token.replace('.', "%2E"))),
        ("unknown hint", format!("token={token}&token_type_hint=saml")),
        ("empty hint", format!("token={token}&token_type_hint=")),
    ];
    for (row, body) in good_rows {
        let answer = app.post(INTROSPECT).by(&app.owner).form(&body).send().await;
        assert_eq!(answer.json()["active"], true, "row: {row}");
    }
}

/// clients.md 2: `curl -d` sends a value as it is, so what follows the first `=` belongs to it.
#[tokio::test]
async fn only_the_first_equals_sign_ends_a_name() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let body = format!("token={token}==");
    let answer = app.post(INTROSPECT).by(&app.owner).form(&body).send().await;
    assert_eq!(answer.outcome(), INACTIVE, "a token with == after it is another text");
    let answer = app.post(REVOKE).by(&app.owner).form(&body).send().await;
    assert_eq!(answer.outcome(), REVOKED);
    assert!(app.is_alive(&app.owner, &token).await);
}

#[tokio::test]
async fn the_type_of_a_body_must_be_a_form_whatever_its_parameters() {
    let app = TestApp::start().await;
    let rows = [
        ("a form", Some(FORM), true),
        (
            "with a charset, as MCP sends it",
            Some("application/x-www-form-urlencoded;charset=UTF-8"),
            true,
        ),
        ("with a space", Some("application/x-www-form-urlencoded; charset=utf-8"), true),
        ("in capitals", Some("Application/X-WWW-Form-URLEncoded"), true),
        ("none", None, false),
        ("empty", Some(""), false),
        ("JSON", Some("application/json"), false),
        ("plain text", Some("text/plain"), false),
        ("multipart", Some("multipart/form-data; boundary=x"), false),
        ("one that begins alike", Some("application/x-www-form-urlencoded2"), false),
        ("a form as a parameter", Some("text/plain; application/x-www-form-urlencoded"), false),
    ];
    for (endpoint, body, granted) in [
        (TOKEN, "grant_type=client_credentials", 200),
        (REVOKE, "token=x", 200),
        (INTROSPECT, "token=x", 200),
    ] {
        for (row, content_type, accepted) in rows {
            let call = app.post(endpoint).by(&app.owner).body(body);
            let call = match content_type {
                Some(content_type) => call.header("content-type", content_type),
                None => call,
            };
            let answer = call.send().await;
            if accepted {
                assert_eq!(answer.status, granted, "row: {row}, at {endpoint}");
            } else {
                assert_eq!(answer.outcome(), INVALID_REQUEST, "row: {row}, at {endpoint}");
            }
        }
    }
}

#[tokio::test]
async fn a_json_body_is_refused_even_when_it_claims_to_be_a_form() {
    let app = TestApp::start().await;
    let body = r#"{"grant_type":"client_credentials"}"#;
    for content_type in [FORM, "application/json"] {
        let call = app.post(TOKEN).by(&app.owner).header("content-type", content_type);
        let answer = call.body(body).send().await;
        assert_eq!(answer.outcome(), INVALID_REQUEST, "as {content_type}");
    }
}

#[tokio::test]
async fn a_body_that_is_encoded_is_refused() {
    let app = TestApp::start().await;
    let rows = [
        ("identity", true),
        ("Identity", true),
        ("gzip", false),
        ("br", false),
        ("identity, gzip", false),
    ];
    for (encoding, accepted) in rows {
        let call = app.post(TOKEN).by(&app.owner).header("content-encoding", encoding);
        let answer = call.form("grant_type=client_credentials").send().await;
        if accepted {
            assert_eq!(answer.status, 200, "{encoding}");
        } else {
            assert_eq!(answer.outcome(), INVALID_REQUEST, "{encoding}");
        }
    }
}

/// A body of `length` bytes that is a good form.
fn padded_form(form: &str, length: usize) -> String {
    let mut body = format!("{form}&padding=");
    body.push_str(&"x".repeat(length - body.len()));
    body
}

#[tokio::test]
async fn a_body_over_the_cap_is_refused_whether_it_tells_its_length_or_not() {
    let app = TestApp::start().await;
    for (endpoint, form) in
        [(TOKEN, "grant_type=client_credentials"), (REVOKE, "token=x"), (INTROSPECT, "token=x")]
    {
        for (length, accepted) in [(CAP, true), (CAP + 1, false), (1 << 20, false)] {
            let body = padded_form(form, length);
            let pieces: Vec<_> =
                body.as_bytes().chunks(10_000).map(Bytes::copy_from_slice).collect();
            let pieces = pieces.into_iter().map(Ok::<_, std::io::Error>);
            let streamed = Body::from_stream(stream::iter(pieces));
            let told = app.post(endpoint).header("content-length", length.to_string());
            for (how, call) in [
                ("with its length", told.body(body)),
                ("in pieces", app.post(endpoint).body(streamed)),
            ] {
                let answer = call.by(&app.owner).header("content-type", FORM).send().await;
                if accepted {
                    assert_eq!(answer.status, 200, "{length} bytes {how}, at {endpoint}");
                } else {
                    assert_eq!(answer.outcome(), TOO_LARGE, "{length} bytes {how}, at {endpoint}");
                    assert_eq!(answer.lines("connection"), ["close"]);
                }
            }
        }
    }
}

/// `Accept` and its like have no say at these endpoints (clients.md 8, row 3).
#[tokio::test]
async fn what_a_client_would_rather_read_is_ignored() {
    let app = TestApp::start().await;
    for accept in ["*/*", "application/json", "text/html", "application/vnd.atlas.2025-03-12+json"]
    {
        let call = app.post(TOKEN).by(&app.owner).header("accept", accept);
        let call = call.header("cache-control", "no-cache").header("accept-encoding", "gzip");
        let answer = call.form("grant_type=client_credentials").send().await;
        assert_eq!(answer.status, 200, "{accept}");
        assert_eq!(answer.lines("content-type"), ["application/json"], "{accept}");
        assert_eq!(answer.lines("content-encoding"), [""; 0], "{accept}");
    }
}
