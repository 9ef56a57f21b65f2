//! Every row of the endpoint table (service-accounts-api.md 1), under both families.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    literal::refusal,
    stage::{ATLAS, Made, PUBLIC, ROOTS, Stage, assert_refused, new_account},
};
use crate::socket::Server;

/// A row of the table: its number, the method and the path, a body, and the status of a success.
///
/// In the paths, `O` and `P` stand for what they stand for in the table, `C` for an account that
/// is assigned to the project, `S` for its secret and `E` for an entry of its access list.
pub(super) struct Row {
    pub number: &'static str,
    pub method: &'static str,
    path: &'static str,
    pub body: Value,
    pub status: u16,
}

impl Row {
    /// The path, where `target` is the account.
    pub(super) fn path(&self, stage: &Stage, target: &Target) -> String {
        let parts = self.path.split('/').map(|part| match part {
            "O" => stage.of_org(),
            "P" => stage.of_group(),
            "C" => format!("/{}", target.account.id),
            "C:invite" => format!("/{}:invite", target.account.id),
            "S" => format!("/{}", target.account.secret_id),
            "E" => format!("/{}", target.entry),
            part => format!("/{part}"),
        });
        parts.collect()
    }

    pub(super) fn changes_something(&self) -> bool {
        self.method != "GET"
    }
}

/// An account for a row to work on.
pub(super) struct Target {
    pub account: Made,
    pub entry: &'static str,
}

impl Target {
    pub(super) async fn make(stage: &Stage) -> Self {
        let account = stage.account(&["GROUP_USER_ADMIN"]).await;
        let path = format!("{}/{}/accessList", stage.of_org(), account.id);
        let entry = "192.0.2.1";
        let answer = stage.post(&path, json!([{"ipAddress": entry}])).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        Self { account, entry }
    }
}

#[rustfmt::skip]
pub(super) fn table() -> Vec<Row> {
    let none = || Value::Null;
    let hours = || json!({"secretExpiresAfterHours": 720});
    let entries = || json!([{"ipAddress": "198.51.100.7"}]);
    let group_roles = || json!({"roles": ["GROUP_USER_ADMIN"]});
    let row = |number, method, path, body, status| Row { number, method, path, body, status };
    vec![
        row("O1",  "GET",    "O",                none(),                            200),
        row("O2",  "POST",   "O",                new_account(&["ORG_READ_ONLY"]),   201),
        row("O3",  "GET",    "O/C",              none(),                            200),
        row("O4",  "PATCH",  "O/C",              json!({"description": "another"}), 200),
        row("O5",  "DELETE", "O/C",              none(),                            204),
        row("O6",  "POST",   "O/C/secrets/",     hours(),                           201),
        row("O7",  "DELETE", "O/C/secrets/S",    none(),                            204),
        row("O8",  "GET",    "O/C/groups",       none(),                            200),
        row("O9",  "GET",    "O/C/accessList",   none(),                            200),
        row("O10", "POST",   "O/C/accessList",   entries(),                         200),
        row("O11", "DELETE", "O/C/accessList/E", none(),                            204),
        row("P1",  "GET",    "P",                none(),                            200),
        row("P2",  "POST",   "P",                new_account(&["GROUP_USER_ADMIN"]), 201),
        row("P3",  "GET",    "P/C",              none(),                            200),
        row("P4",  "PATCH",  "P/C",              group_roles(),                     200),
        row("P5",  "POST",   "P/C:invite",       group_roles(),                     200),
        row("P6",  "DELETE", "P/C",              none(),                            204),
        row("P7",  "POST",   "P/C/secrets/",     hours(),                           201),
        row("P8",  "DELETE", "P/C/secrets/S",    none(),                            204),
        row("P9",  "GET",    "P/C/accessList",   none(),                            200),
        row("P10", "POST",   "P/C/accessList",   entries(),                         200),
        row("P11", "DELETE", "P/C/accessList/E", none(),                            204),
    ]
}

/// The media type that the Atlas clients ask for and send (clients.md 8, row 12).
const VERSIONED: &str = "application/vnd.atlas.2025-03-12+json";

#[tokio::test]
async fn every_row_answers_its_owner_under_both_families() {
    let stage = Stage::start().await;
    for root in ROOTS {
        for row in table() {
            let target = Target::make(&stage).await;
            let path = format!("{root}{}", row.path(&stage, &target));
            let answer = stage.ask(&stage.owner, row.method, &path, &row.body).await;
            assert_eq!(answer.status, row.status, "{root} {}: {}", row.number, answer.text());
            if row.status == 204 {
                assert_eq!(answer.text(), "", "{root} {}", row.number);
                assert_eq!(answer.lines("content-type"), [""; 0], "{root} {}", row.number);
            } else {
                let plain = ["application/json"];
                assert_eq!(answer.lines("content-type"), plain, "{root} {}", row.number);
            }
        }
    }
}

/// Section 4: "the same set as 200", but for what RFC 9110 section 8.6 forbids.
#[tokio::test]
async fn a_204_has_the_usual_headers_without_those_of_a_body() {
    let stage = Stage::start().await;
    let server = Server::start(&stage.app).await;
    for row in table().iter().filter(|row| row.status == 204) {
        let target = Target::make(&stage).await;
        let path = format!("{PUBLIC}{}", row.path(&stage, &target));
        let mut connection = server.connect().await;
        let owner = &stage.owner;
        let host = "Host: localhost";
        let request =
            format!("DELETE {path} HTTP/1.1\r\n{host}\r\nAuthorization: Bearer {owner}\r\n\r\n");
        connection.send(request).await;
        let answer = connection.answer().await;
        assert_eq!(answer.status(), 204, "{}", row.number);
        let names: BTreeSet<_> = answer.headers.iter().map(|(name, _)| &**name).collect();
        let expected = BTreeSet::from(["connection", "date", "vary", "x-mongodb-service-version"]);
        assert_eq!(names, expected, "{}", row.number);
    }
}

/// "any date": what was asked for is what comes back, and what was sent is read as JSON.
#[tokio::test]
async fn the_atlas_family_speaks_its_own_media_type() {
    let stage = Stage::start().await;
    for row in table() {
        for media_type in [VERSIONED, "application/vnd.atlas.2023-01-01+json"] {
            let target = Target::make(&stage).await;
            let path = format!("{ATLAS}{}", row.path(&stage, &target));
            let call = stage.app.call(row.method, &path).bearer(&stage.owner);
            let call = call.header("accept", media_type).header("content-type", media_type);
            let call = if row.body.is_null() { call } else { call.body(row.body.to_string()) };
            let answer = call.send().await;
            assert_eq!(answer.status, row.status, "{}: {}", row.number, answer.text());
            let expected = if row.status == 204 {
                vec![]
            } else {
                vec![format!("{media_type};charset=utf-8")]
            };
            assert_eq!(answer.lines("content-type"), expected, "{}", row.number);
        }
    }
}

/// Errors stay plain JSON there, also for whoever asks for a version.
#[tokio::test]
async fn an_error_of_the_atlas_family_is_plain_json() {
    let stage = Stage::start().await;
    let path = format!("{ATLAS}{}/mdb_sa_id_6b1f0c2d9a4e57833c0d9e11", stage.of_org());
    let call = stage.app.get(&path).bearer(&stage.owner).header("accept", VERSIONED);
    let answer = call.send().await;
    assert_eq!(answer.status, 404);
    assert_eq!(answer.lines("content-type"), ["application/json"]);
}

/// conventions.md 1: bodies are `application/json`; 415 for the rest (2.3).
#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    let stage = Stage::start().await;
    #[rustfmt::skip]
    let rows = [
        ("application/json",                       true),
        ("application/json; charset=utf-8",        true),
        ("Application/JSON",                       true),
        (VERSIONED,                                true),
        ("application/x-www-form-urlencoded",      false),
        ("text/plain",                             false),
        ("application/vnd.atlas.2025-03-12+csv",   false),
        ("application/jsonx",                      false),
    ];
    for root in ROOTS {
        let path = format!("{root}{}", stage.of_org());
        for (media_type, accepted) in rows {
            let head = stage.app.log_head().await;
            let call = stage.app.post(&path).bearer(&stage.owner);
            let call = call.header("content-type", media_type);
            let answer = call.body(new_account(&["ORG_MEMBER"]).to_string()).send().await;
            if accepted {
                assert_eq!(answer.status, 201, "{media_type}: {}", answer.text());
            } else {
                let detail = "The request body must be application/json.";
                let expected = refusal(415, "UNSUPPORTED_MEDIA_TYPE", detail, &[]);
                assert_refused(media_type, &answer, &expected);
                assert_eq!(stage.app.log_head().await, head, "{media_type}");
            }
        }
    }
}

/// Section 3, row 401: the challenges, and nothing of what lies behind.
#[tokio::test]
async fn every_row_challenges_whoever_shows_no_token() {
    let stage = Stage::start().await;
    let target = Target::make(&stage).await;
    let unauthorized =
        refusal(401, "UNEXPECTED_ERROR", "You are not authorized for this resource.", &[]);
    let head = stage.app.log_head().await;
    for root in ROOTS {
        for row in table() {
            let path = format!("{root}{}", row.path(&stage, &target));
            let call = stage.app.call(row.method, &path);
            let call = call.header("content-type", "application/json").body(row.body.to_string());
            let answer = call.send().await;
            assert_refused(row.number, &answer, &unauthorized);
            let [md5, sha256, bearer] = answer.lines("www-authenticate")[..] else {
                panic!("{:?}", answer.headers)
            };
            for digest in [md5, sha256] {
                assert!(digest.starts_with("Digest realm=\"MMS Public API\""), "{digest}");
            }
            assert_eq!(bearer, r#"Bearer realm="MMS Public API""#);

            let answer = stage.ask("not.a.token", row.method, &path, &row.body).await;
            assert_eq!(answer.outcome(), (401, ""), "{root} {}", row.number);
        }
    }
    assert_eq!(stage.app.log_head().await, head);
}

/// "any other method on a path: 405" (section 4).
#[tokio::test]
async fn a_method_that_a_path_lacks_is_a_405() {
    let stage = Stage::start().await;
    let target = Target::make(&stage).await;
    let detail = "The method is not allowed for this resource.";
    let expected = refusal(405, "METHOD_NOT_ALLOWED", detail, &[]);
    for row in table() {
        let path = row.path(&stage, &target);
        stage.refuses(row.number, ("PUT", &path, json!({})), &expected).await;
    }
    let path = format!("{}/{}", stage.of_group(), target.account.id);
    let body = json!({"roles": ["GROUP_OWNER"]});
    stage.refuses("P5 without `:invite`", ("POST", &path, body), &expected).await;
}

/// "`HEAD` on each GET: as GET without body", also for whoever wants it pretty.
#[tokio::test]
async fn head_is_get_without_its_body() {
    let stage = Stage::start().await;
    let target = Target::make(&stage).await;
    for query in ["", "?pretty=true", "?envelope=true"] {
        for row in table().iter().filter(|row| !row.changes_something()) {
            let path = format!("{PUBLIC}{}{query}", row.path(&stage, &target));
            let get = stage.ask(&stage.owner, "GET", &path, &Value::Null).await;
            let head = stage.ask(&stage.owner, "HEAD", &path, &Value::Null).await;
            assert_eq!((get.status, head.outcome()), (200, (200, "")), "{path}");
            assert_eq!(get.lines("content-type"), head.lines("content-type"), "{path}");
            if let [length] = head.lines("content-length")[..] {
                assert_eq!(length, get.body.len().to_string(), "{path}");
            }
        }
    }
}
