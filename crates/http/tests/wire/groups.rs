//! `GET /groups` under both roots: pages, links, and who sees which project (conventions.md 4).

use rescind_core::{id::GroupId, organization::Group, random::SystemRandom};
use rescind_store::{Actor, Change, Store as _, Transaction};
use serde_json::{Value, json};

use crate::app::{ISSUER, TestApp, now};

/// A service whose first organization has projects named 1 to 4 besides the first one.
async fn app_with_five_projects() -> TestApp {
    TestApp::start_after(async |store, owner| {
        let changes = (1..=4).map(|n| {
            let created_at = now().plus_seconds(n);
            Change::GroupCreated(Group {
                id: GroupId::generate(created_at, &SystemRandom),
                org_id: owner.org_id,
                name: n.to_string(),
                created_at,
            })
        });
        let transaction = Transaction {
            actor: Actor::Operator,
            org_id: None,
            decided_of: None,
            changes: changes.collect(),
        };
        store.commit(now(), &[transaction]).await.unwrap();
    })
    .await
}

fn names(list: &Value) -> Vec<&str> {
    list["results"].as_array().unwrap().iter().map(|g| g["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_project_is_listed_with_its_organization() {
    let app = TestApp::start().await;
    for (account, name) in [(&app.owner, "default"), (&app.stranger, "elsewhere")] {
        let token = app.token(account).await;
        for root in ["/api/public/v1.0", "/api/atlas/v2"] {
            let list = app.get(&format!("{root}/groups")).bearer(&token).send().await.json();
            assert_eq!(list["totalCount"], 1);
            let project = &list["results"][0];
            assert_eq!(project["id"], json!(account.group_id));
            assert_eq!(project["orgId"], json!(account.org_id));
            assert_eq!(project["name"], name);
            assert_eq!(project["created"], "2025-03-01T09:00:00Z");
        }
    }
}

/// `ORG_MEMBER` sees the projects that it is assigned to, and this one has none.
#[tokio::test]
async fn an_empty_list_is_a_list() {
    let app = TestApp::start().await;
    let token = app.token(&app.neighbour).await;
    let answer = app.get("/api/public/v1.0/groups").bearer(&token).send().await;
    let link = format!("{ISSUER}/api/public/v1.0/groups?pageNum=1&itemsPerPage=100");
    let expected =
        format!(r#"{{"links":[{{"href":"{link}","rel":"self"}}],"results":[],"totalCount":0}}"#);
    assert_eq!(answer.outcome(), (200, expected.as_str()));
}

/// A query, the projects of the page, its links by page number, and the size of a page.
type Row = (&'static str, &'static [&'static str], &'static [(&'static str, usize)], usize);

/// Rows "pageNum" to "href of `self`".
#[tokio::test]
async fn pages_come_in_a_stable_order_and_link_to_each_other() {
    let app = app_with_five_projects().await;
    let token = app.token(&app.owner).await;
    #[rustfmt::skip]
    let rows: [Row; 7] = [
        ("",                             &["default", "1", "2", "3", "4"], &[("self", 1)], 100),
        ("itemsPerPage=500",             &["default", "1", "2", "3", "4"], &[("self", 1)], 500),
        ("itemsPerPage=5",               &["default", "1", "2", "3", "4"], &[("self", 1)], 5),
        ("itemsPerPage=2",               &["default", "1"],                &[("self", 1), ("next", 2)], 2),
        ("pageNum=2&itemsPerPage=2",     &["2", "3"],                      &[("self", 2), ("previous", 1), ("next", 3)], 2),
        ("pageNum=3&itemsPerPage=2",     &["4"],                           &[("self", 3), ("previous", 2)], 2),
        ("pageNum=9&itemsPerPage=2",     &[],                              &[("self", 9), ("previous", 8)], 2),
    ];
    for path in ["/api/public/v1.0/groups", "/api/atlas/v2/groups", "/api/public/v1.0/groups/"] {
        for (query, expected, links, items) in rows {
            let answer = app.get(&format!("{path}?{query}")).bearer(&token).send().await;
            let list = answer.json();
            assert_eq!(answer.status, 200, "{path}?{query}");
            assert_eq!(names(&list), expected, "{path}?{query}");
            assert_eq!(list["totalCount"], 5, "{path}?{query}");
            let expected: Vec<_> = links
                .iter()
                .map(|(rel, number)| {
                    let page = format!("pageNum={number}&itemsPerPage={items}");
                    json!({"href": format!("{ISSUER}{path}?{page}"), "rel": rel})
                })
                .collect();
            assert_eq!(list["links"], json!(expected), "{path}?{query}");
        }
    }
}

#[tokio::test]
async fn a_link_keeps_the_query_of_its_request() {
    let app = app_with_five_projects().await;
    let token = app.token(&app.owner).await;
    let target = "/api/public/v1.0/groups?pretty=false&itemsPerPage=2&x=%20y";
    let list = app.get(target).bearer(&token).send().await.json();
    let base = format!("{ISSUER}/api/public/v1.0/groups?pretty=false&x=%20y");
    assert_eq!(list["links"][0]["href"], format!("{base}&pageNum=1&itemsPerPage=2"));
    assert_eq!(list["links"][1]["href"], format!("{base}&pageNum=2&itemsPerPage=2"));
}

/// The links are the operator's, not those of whoever wrote a `Host` header.
#[tokio::test]
async fn a_link_never_repeats_the_host_of_its_request() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let call = app.get("http://evil.example/api/public/v1.0/groups").bearer(&token);
    let answer = call.header("host", "evil.example").send().await;
    assert_eq!(answer.status, 200);
    assert!(!answer.text().contains("evil"), "{}", answer.text());
}

/// Row "out of range".
#[tokio::test]
async fn a_page_that_cannot_be_is_a_bad_request() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let rows = [
        ("pageNum", "0"),
        ("pageNum", "-1"),
        ("pageNum", "one"),
        ("pageNum", ""),
        ("pageNum", "1.5"),
        ("pageNum", "99999999999999999999999999"),
        ("itemsPerPage", "0"),
        ("itemsPerPage", "501"),
        ("itemsPerPage", "-1"),
        ("itemsPerPage", "all"),
    ];
    for path in ["/api/public/v1.0/groups", "/api/atlas/v2/groups", "/api/public/v1.0/orgs"] {
        for (name, value) in rows {
            let answer = app.get(&format!("{path}?{name}={value}")).bearer(&token).send().await;
            let expected = format!(
                r#"{{"detail":"Invalid query parameter {name} specified.","error":400,"errorCode":"INVALID_QUERY_PARAMETER","parameters":["{name}"],"reason":"Bad Request"}}"#
            );
            assert_eq!(answer.outcome(), (400, expected.as_str()), "{path}?{name}={value}");
        }
    }
    let last = format!("/api/public/v1.0/groups?pageNum={}", usize::MAX);
    assert_eq!(app.get(&last).bearer(&token).send().await.status, 200, "far past the end");
}

/// Nobody is told what is wrong with his query before he has shown a token.
#[tokio::test]
async fn a_bad_page_is_no_concern_of_strangers() {
    let app = TestApp::start().await;
    let answer = app.get("/api/public/v1.0/groups?pageNum=0").send().await;
    assert_eq!(answer.status, 401);
}

/// Row "totalCount", as MCP asks.
#[tokio::test]
async fn the_count_is_left_out_for_whoever_does_not_want_it() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    let target = "/api/atlas/v2/groups?itemsPerPage=10&pageNum=1&includeCount=false";
    let list = app.get(target).bearer(&token).send().await.json();
    assert_eq!(list.get("totalCount"), None);
    assert_eq!(names(&list), ["default"]);
}
