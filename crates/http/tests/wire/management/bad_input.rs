//! Input that means nothing: the documented error, soon, and nothing applied.

use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use futures_util::stream;
use serde_json::{Value, json};

use super::{
    endpoints::{Target, table},
    literal::{invalid_json, no_org, refusal},
    stage::{PUBLIC, ROOTS, Stage, assert_refused},
};
use crate::digest::client::Key;

/// Every path that takes a body, with its method: rows of the table, and their neighbours.
async fn takers_of_a_body(stage: &Stage) -> Vec<(&'static str, String)> {
    let target = Target::make(stage).await;
    let key = Key::make(&stage.app, &["ORG_MEMBER"]).await.id;
    let (org, group) = (format!("/orgs/{}", stage.org), format!("/groups/{}", stage.group));
    let rows = table().into_iter().filter(|row| !row.body.is_null());
    let rows = rows.map(|row| (row.method, row.path(stage, &target)));
    let neighbours = [
        ("POST", "/orgs".to_owned()),
        ("PATCH", org.clone()),
        ("PATCH", format!("{org}/settings")),
        ("POST", "/groups".to_owned()),
        ("PATCH", group),
        ("POST", format!("{org}/apiKeys")),
        ("PATCH", format!("{org}/apiKeys/{key}")),
        ("POST", format!("{org}/apiKeys/{key}/accessList")),
    ];
    rows.chain(neighbours).collect()
}

/// Row "body is not JSON", wherever there is one. Of a key that stands twice one value would
/// be ignored, which nothing ever is.
#[tokio::test]
async fn a_body_that_is_no_json_is_refused() {
    let stage = Stage::start().await;
    let takers = takers_of_a_body(&stage).await;
    let nested = |open: &str, close: &str, depth| {
        format!("{}{}", open.repeat(depth), close.repeat(depth)).into_bytes()
    };
    #[rustfmt::skip]
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("nothing",             vec![]),
        ("spaces",              b"  ".to_vec()),
        ("half an object",      b"{\"name\":".to_vec()),
        ("two values",          b"{} {}".to_vec()),
        ("single quotes",       b"{'name':'a'}".to_vec()),
        ("a trailing comma",    b"{\"name\":\"a\",}".to_vec()),
        ("a comment",           b"{} // x".to_vec()),
        ("a form",              b"name=a&roles=b".to_vec()),
        ("not a number",        b"{\"secretExpiresAfterHours\":NaN}".to_vec()),
        ("too large a number",  b"{\"secretExpiresAfterHours\":1e999}".to_vec()),
        ("not UTF-8",           b"{\"name\":\"\xff\"}".to_vec()),
        ("half a surrogate",    b"{\"name\":\"\\ud800\"}".to_vec()),
        ("a mark first",        b"\xef\xbb\xbf{}".to_vec()),
        ("UTF-16",              b"\xff\xfe{\0}\0".to_vec()),
        ("a key twice",         b"{\"roles\":[\"ORG_MEMBER\"],\"roles\":[\"ORG_OWNER\"]}".to_vec()),
        ("a key twice, escaped", b"{\"name\":\"a\",\"n\\u0061me\":\"b\"}".to_vec()),
        ("a key twice, deep",   b"[{\"ipAddress\":\"192.0.2.1\",\"ipAddress\":\"192.0.2.2\"}]".to_vec()),
        ("deep arrays",         nested("[", "]", 100_000)),
        ("deep objects",        nested("{\"a\":", "}", 20_000)),
        ("open arrays",         "[".repeat(200_000).into_bytes()),
    ];
    for root in ROOTS {
        for (method, path) in &takers {
            let path = format!("{root}{path}");
            let head = stage.app.log_head().await;
            for (what, body) in &bodies {
                let call = stage.app.call(method, &path).bearer(&stage.owner);
                let call = call.header("content-type", "application/json");
                let answer = call.body(body.clone()).send().await;
                assert_refused(&format!("{what}: {method} {path}"), &answer, &invalid_json());
            }
            assert_eq!(stage.app.log_head().await, head, "{method} {path}");
        }
    }
}

/// Ten megabytes, told beforehand or in pieces: refused without being read to the end.
#[tokio::test]
async fn a_body_of_ten_megabytes_is_refused_soon() {
    let stage = Stage::start().await;
    let takers = takers_of_a_body(&stage).await;
    let expected = refusal(413, "REQUEST_TOO_LARGE", "The request body is too large.", &[]);
    let padding = Bytes::from(vec![b' '; 64 * 1024]);
    let head = stage.app.log_head().await;
    for root in ROOTS {
        for (method, path) in &takers {
            let path = format!("{root}{path}");
            for told in [true, false] {
                let piece = padding.clone();
                let pieces = (0..160).map(move |_| Ok::<_, std::io::Error>(piece.clone()));
                let body = Body::from_stream(stream::iter(pieces));
                let call = stage.app.call(method, &path).bearer(&stage.owner);
                let call = call.header("content-type", "application/json").body(body);
                let length = (160 * padding.len()).to_string();
                let call = if told { call.header("content-length", length) } else { call };
                let start = Instant::now();
                let answer = call.send().await;
                let took = start.elapsed();
                let row = format!("{method} {path}");
                assert_refused(&row, &answer, &expected);
                assert_eq!(answer.lines("connection"), ["close"], "{row}");
                assert!(took < Duration::from_secs(1), "{row}: {took:?}");
            }
        }
    }
    assert_eq!(stage.app.log_head().await, head);
}

/// Bodies that are large and good have their place: 200 entries, and the longest texts.
#[tokio::test]
async fn the_largest_requests_that_mean_something_are_read() {
    let stage = Stage::start().await;
    let account = stage.account(&["ORG_MEMBER"]).await;
    let list = format!("{}/{}/accessList", stage.of_org(), account.id);
    let address = |n| format!("2001:0db8:aaaa:bbbb:cccc:dddd:eeee:{n:04x}");
    let entries: Vec<_> =
        (0..200).map(|n| json!({"cidrBlock": format!("{}/128", address(n))})).collect();
    let body = serde_json::to_string_pretty(&entries).unwrap();
    let call = stage.app.post(&format!("{PUBLIC}{list}")).bearer(&stage.owner);
    let answer = call.header("content-type", "application/json").body(body).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["totalCount"], 200);
}

/// A path may hold anything: it is named in the answer, which is JSON all the same.
#[tokio::test]
async fn an_id_of_any_form_is_answered() {
    let stage = Stage::start().await;
    #[rustfmt::skip]
    let ids = [
        ("a%22b",              "a\"b"),
        ("%3Cscript%3E",       "<script>"),
        ("%00",                "\0"),
        ("..%2F..",            "../.."),
        ("%E2%80%A6",          "…"),
        ("%0d%0aX-Injected:1", "\r\nX-Injected:1"),
        ("*",                  "*"),
        ("null",               "null"),
    ];
    for (written, read) in ids {
        let path = format!("/orgs/{written}/serviceAccounts");
        stage.refuses(written, ("GET", &path, Value::Null), &no_org(read)).await;
        let path = format!("{}/{written}", stage.of_org());
        let expected = super::literal::no_resource(read);
        stage.refuses(written, ("GET", &path, Value::Null), &expected).await;
    }
    for path in ["/orgs/%ff/serviceAccounts", "/groups/%c3%28/serviceAccounts"] {
        let named = super::literal::no_resource(&format!("{PUBLIC}{path}"));
        stage.refuses("not UTF-8", ("GET", path, Value::Null), &named).await;
    }
    let long = "a".repeat(10_000);
    let path = format!("/orgs/{long}/serviceAccounts");
    stage.refuses("long", ("GET", &path, Value::Null), &no_org(&long)).await;
}

/// Parameters that there are not are no error; a path that there is not is one.
#[tokio::test]
async fn unknown_parameters_are_ignored() {
    let stage = Stage::start().await;
    let path = format!("{}?foo=bar&=&&pageNum2=0&includeSystemManaged=true", stage.of_org());
    assert_eq!(stage.get(&path).await.status, 200);
}
