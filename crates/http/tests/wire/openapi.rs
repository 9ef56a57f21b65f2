//! The description of the API: that it is of this service, and whole.

use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::app::TestApp;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

async fn document(app: &TestApp) -> Value {
    let answer = app.get("/openapi.json").send().await;
    assert_eq!((answer.status, answer.lines("content-type")), (200, vec!["application/json"]));
    answer.json()
}

fn paths(document: &Value) -> impl Iterator<Item = (&String, &Value)> {
    document["paths"].as_object().unwrap().iter()
}

fn operations(document: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    paths(document).flat_map(|(path, operations)| {
        operations.as_object().unwrap().iter().map(move |(method, json)| (path, method, json))
    })
}

/// The path with ids in it that nothing has.
fn filled(path: &str) -> String {
    path.replace("{clientId}", "mdb_sa_id_000000000000000000000000")
        .split(['{', '}'])
        .enumerate()
        .map(|(at, part)| if at % 2 == 0 { part } else { "000000000000000000000000" })
        .collect()
}

#[tokio::test]
async fn every_operation_of_the_document_is_served() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    for (path, method, operation) in operations(&document) {
        let answer = app.call(&method.to_uppercase(), &filled(path)).send().await;
        let status = answer.status.to_string();
        let needs_token = operation["security"].to_string().contains("bearer");
        assert!(!needs_token || status == "401", "{method} {path} asks for no token: {status}");
        let described = &operation["responses"][&status];
        assert!(described.is_object(), "{method} {path} was answered {status}");
    }
}

#[tokio::test]
async fn no_path_has_a_method_that_the_document_lacks() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    for (path, operations) in paths(&document) {
        for method in METHODS.iter().filter(|method| operations.get(method).is_none()) {
            let answer = app.call(&method.to_uppercase(), &filled(path)).send().await;
            assert_eq!(answer.status, 405, "{method} {path}");
            let allowed = answer.lines("allow").join(",").to_lowercase();
            let allowed: BTreeSet<&str> = allowed.split(',').collect();
            let described = operations.as_object().unwrap().keys().map(String::as_str);
            let head = operations.get("get").map(|_| "head");
            assert_eq!(allowed, described.chain(head).collect(), "{path}");
        }
    }
}

#[tokio::test]
async fn both_families_have_the_same_operations() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    let below = |root: &str| -> BTreeSet<_> {
        let all = operations(&document).filter_map(|(path, method, _)| {
            Some((path.strip_prefix(root)?.to_owned(), method.to_owned()))
        });
        all.collect()
    };
    assert!(below("/api/atlas/v2").len() > 30);
    assert_eq!(below("/api/atlas/v2"), below("/api/public/v1.0"));
}

#[tokio::test]
async fn every_operation_has_a_name_of_its_own_a_summary_and_a_group() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    let groups: Vec<&Value> =
        document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    let mut names = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let name = operation["operationId"].as_str().unwrap();
        assert!(!operation["summary"].as_str().unwrap().is_empty(), "{method} {path}");
        assert!(names.insert(name), "{method} {path}: {name} is taken, give it another summary");
        let [group] = operation["tags"].as_array().unwrap().as_slice() else {
            panic!("{method} {path} has not one tag");
        };
        assert!(groups.contains(&group), "{method} {path}: nobody knows {group}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let what = parameter["description"].as_str().unwrap_or_default();
            assert!(!what.is_empty(), "{method} {path}: what is {}?", parameter["name"]);
        }
    }
}

#[tokio::test]
async fn every_reference_of_the_document_leads_somewhere() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let app = TestApp::start().await;
    let document = document(&app).await;
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 100, "only {}", found.len());
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

/// conventions.md 2.3: the one difference of the families in their errors.
#[tokio::test]
async fn a_lacking_role_is_described_as_401_and_in_the_atlas_family_as_403() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    let codes = |path: &str, status: &str| {
        let response = &document["paths"][path]["get"]["responses"][status]["$ref"];
        let pointer = response.as_str().unwrap().trim_start_matches('#');
        document.pointer(pointer).unwrap()["description"].to_string()
    };
    for (path, status, lacking) in [
        ("/api/public/v1.0/orgs/{orgId}", "401", true),
        ("/api/public/v1.0/orgs/{orgId}", "403", false),
        ("/api/atlas/v2/orgs/{orgId}", "401", false),
        ("/api/atlas/v2/orgs/{orgId}", "403", true),
    ] {
        assert_eq!(codes(path, status).contains("`NOT_ORG_OWNER`"), lacking, "{path} {status}");
    }
}

#[tokio::test]
async fn the_page_shows_every_operation_and_every_link_in_it_leads_somewhere() {
    let app = TestApp::start().await;
    let answer = app.get("/docs").send().await;
    assert_eq!(
        (answer.status, answer.lines("content-type")),
        (200, vec!["text/html; charset=utf-8"])
    );
    let page = answer.text();
    let ids: BTreeSet<&str> =
        page.split("id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    for (path, method, operation) in operations(&document(&app).await) {
        assert!(ids.contains(operation["operationId"].as_str().unwrap()), "{method} {path}");
    }
    for link in page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        match link.strip_prefix('#') {
            Some(id) => assert!(ids.contains(id), "{link}"),
            None => assert_eq!(link, "openapi.json"),
        }
    }
}

#[tokio::test]
async fn the_page_may_load_nothing_and_run_nothing() {
    let app = TestApp::start().await;
    let answer = app.get("/docs").send().await;
    let page = answer.text();
    let (_, rest) = page.split_once("<style>").unwrap();
    let (style, _) = rest.split_once("</style>").unwrap();
    let hash = STANDARD.encode(digest(&SHA256, style.as_bytes()));
    assert_eq!(
        answer.lines("content-security-policy"),
        [format!(
            "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'"
        )]
    );
    for forbidden in ["<script", "<img", "<link", "src=", " style=", " on", "http:", "https:"] {
        let found = page.split('<').any(|tag| {
            let tag = format!("<{}", tag.split('>').next().unwrap_or_default());
            tag.contains(forbidden)
        });
        assert!(!found, "{forbidden}");
    }
    // What the document says is text, whatever is in it.
    assert!(page.contains("&quot;status&quot;"));
}
