//! Lists, and how an answer is shown (conventions.md 3 and 4), at every list of the table.

use serde_json::{Value, json};

use super::{
    literal::invalid_query,
    stage::{ATLAS, PUBLIC, ROOTS, Stage, assert_refused},
};
use crate::{app::ISSUER, digest::client::Key};

/// A service with several items in each list; the lists O1, P1, O8, O9 and P9, each with the key
/// that tells its items apart.
async fn start() -> (Stage, [(String, &'static str); 5]) {
    let stage = Stage::start().await;
    let first = stage.account(&["GROUP_OWNER"]).await;
    for _ in 0..3 {
        stage.account(&["GROUP_OWNER"]).await;
    }
    let one = format!("{}/{}", stage.of_org(), first.id);
    // Not in the order of their addresses.
    let entries: Vec<_> =
        [7, 3, 9, 1, 5].iter().map(|n| json!({"ipAddress": format!("10.0.0.{n}")})).collect();
    for entry in entries {
        assert_eq!(stage.post(&format!("{one}/accessList"), json!([entry])).await.status, 200);
    }
    for number in 2..=4 {
        let group = json!({"name": format!("project {number}"), "orgId": stage.org});
        let group = stage.post("/groups", group).await.json()["id"].as_str().unwrap().to_owned();
        let invite = format!("/groups/{group}/serviceAccounts/{}:invite", first.id);
        assert_eq!(stage.post(&invite, json!({"roles": ["GROUP_OWNER"]})).await.status, 200);
    }
    let lists = [
        (stage.of_org(), "clientId"),
        (stage.of_group(), "clientId"),
        (format!("{one}/groups"), "groupId"),
        (format!("{one}/accessList"), "cidrBlock"),
        (format!("{}/{}/accessList", stage.of_group(), first.id), "cidrBlock"),
    ];
    (stage, lists)
}

fn keys(list: &Value, key: &str) -> Vec<Value> {
    list["results"].as_array().unwrap().iter().map(|item| item[key].clone()).collect()
}

/// Follows `next` from the first page to the last, and `previous` back again: all items, once, in
/// one order.
#[tokio::test]
async fn pages_lead_through_the_whole_list_and_back() {
    let (stage, lists) = start().await;
    for root in ROOTS {
        for (path, key) in &lists {
            let get = async |target: &str| {
                let answer = stage.ask(&stage.owner, "GET", target, &Value::Null).await;
                assert_eq!(answer.status, 200, "{target}: {}", answer.text());
                answer.json()
            };
            let all = get(&format!("{root}{path}")).await;
            let expected = keys(&all, key);
            assert!(expected.len() >= 4, "{path}: {expected:?}");
            assert_eq!(all["totalCount"], expected.len(), "{path}");
            let link = |list: &Value, rel: &str| {
                let mut links = list["links"].as_array().unwrap().iter();
                let link = links.find(|link| link["rel"] == rel)?;
                Some(link["href"].as_str().unwrap().strip_prefix(ISSUER).unwrap().to_owned())
            };
            // One for a last page that is full.
            for items in [1, 3] {
                let query = format!("pretty=false&itemsPerPage={items}&pageNum=1");
                let mut target = Some(format!("{root}{path}?{query}"));
                let (mut seen, mut last) = (Vec::new(), Value::Null);
                for number in 1.. {
                    let Some(asked) = target.take() else { break };
                    last = get(&asked).await;
                    let query = format!("pretty=false&pageNum={number}&itemsPerPage={items}");
                    assert_eq!(link(&last, "self"), Some(format!("{root}{path}?{query}")));
                    assert_eq!(link(&last, "previous").is_none(), number == 1, "{path}");
                    assert!(!keys(&last, key).is_empty(), "{asked}");
                    seen.extend(keys(&last, key));
                    target = link(&last, "next");
                }
                assert_eq!(seen, expected, "{path}");
                while let Some(asked) = link(&last, "previous") {
                    last = get(&asked).await;
                }
                assert_eq!(keys(&last, key), expected[..items], "{path}");
            }
        }
    }
}

/// Row "page past the end", also for the furthest page that there is.
#[tokio::test]
async fn a_page_past_the_end_is_empty_and_knows_the_count() {
    let (stage, lists) = start().await;
    for (path, _) in &lists {
        let total = stage.get(path).await.json()["totalCount"].clone();
        for number in ["2", "1000000", "18446744073709551615"] {
            for items in [500, 100] {
                let target = format!("{path}?pageNum={number}&itemsPerPage={items}");
                let answer = stage.get(&target).await;
                assert_eq!(answer.status, 200, "{target}");
                assert_eq!(answer.json()["results"], json!([]), "{target}");
                assert_eq!(answer.json()["totalCount"], total, "{target}");
            }
        }
    }
}

/// Row "out of range".
#[tokio::test]
async fn a_page_that_cannot_be_is_refused_at_every_list() {
    let (stage, lists) = start().await;
    for (path, _) in &lists {
        for name in ["pageNum", "itemsPerPage"] {
            for value in ["0", "-1", "501x", "", "1.0", "%20", "99999999999999999999"] {
                let target = format!("{path}?{name}={value}");
                let row = ("GET", &*target, Value::Null);
                stage.refuses(&target, row, &invalid_query(name)).await;
            }
        }
        let target = format!("{path}?itemsPerPage=501");
        let row = ("GET", &*target, Value::Null);
        stage.refuses(&target, row, &invalid_query("itemsPerPage")).await;
    }
}

/// The lists beside those of the table follow the same rules.
#[tokio::test]
async fn pages_of_the_neighbours_are_as_those_of_the_table() {
    let (stage, _) = start().await;
    let key = Key::make(&stage.app, &["ORG_MEMBER"]).await.id;
    let of_key = format!("/orgs/{}/apiKeys/{key}/accessList", stage.org);
    assert_eq!(stage.post(&of_key, json!([{"ipAddress": "192.0.2.1"}])).await.status, 200);
    let lists = [
        "/orgs".to_owned(),
        "/groups".to_owned(),
        format!("/orgs/{}/apiKeys", stage.org),
        of_key,
        format!("/orgs/{}/events", stage.org),
        format!("/groups/{}/events", stage.group),
    ];
    for root in ROOTS {
        for list in &lists {
            let get = async |query: &str| {
                let target = format!("{root}{list}?{query}");
                stage.ask(&stage.owner, "GET", &target, &Value::Null).await
            };
            let total = get("pageNum=1").await.json()["totalCount"].clone();
            assert_ne!(total, 0, "{list}");
            for past in ["pageNum=1000000", "pageNum=18446744073709551615&itemsPerPage=500"] {
                let page = get(past).await;
                assert_eq!((page.status, &page.json()["results"]), (200, &json!([])), "{list}");
                assert_eq!(page.json()["totalCount"], total, "{list}");
            }
            for (name, value) in [
                ("itemsPerPage", "0"),
                ("itemsPerPage", "501"),
                ("itemsPerPage", "-1"),
                ("itemsPerPage", "ten"),
                ("pageNum", "0"),
                ("pageNum", "1.0"),
                ("pageNum", "99999999999999999999"),
            ] {
                let answer = get(&format!("{name}={value}")).await;
                assert_refused(list, &answer, &invalid_query(name));
            }
        }
    }
}

/// An addition with a page that cannot be adds nothing.
#[tokio::test]
async fn an_addition_with_a_bad_page_adds_nothing() {
    let (stage, lists) = start().await;
    for (path, _) in &lists[3..] {
        let target = format!("{path}?itemsPerPage=0");
        let row = ("POST", &*target, json!([{"ipAddress": "192.0.2.77"}]));
        stage.refuses(&target, row, &invalid_query("itemsPerPage")).await;
        let target = format!("{path}?itemsPerPage=2");
        let page = stage.post(&target, json!([{"ipAddress": "192.0.2.78"}])).await.json();
        assert_eq!(page["results"].as_array().unwrap().len(), 2);
        assert_eq!(page["totalCount"], 6);
    }
}

/// Parameters are found however they are written, and a link says what it leads to.
#[tokio::test]
async fn a_link_leads_on_however_its_request_was_written() {
    let (stage, _) = start().await;
    let list = stage.get(&format!("{}?%70ageNum=1&items%50erPage=2", stage.of_org())).await.json();
    let next = list["links"].as_array().unwrap().iter().find(|link| link["rel"] == "next").unwrap();
    let next = next["href"].as_str().unwrap().strip_prefix(ISSUER).unwrap();
    let second = stage.ask(&stage.owner, "GET", next, &Value::Null).await.json();
    assert_ne!(keys(&second, "clientId"), keys(&list, "clientId"));
}

/// `includeCount`: "false drops `totalCount`" (service-accounts-api.md 2).
#[tokio::test]
async fn the_count_is_left_out_when_that_is_asked() {
    let (stage, lists) = start().await;
    for (path, _) in &lists {
        for (query, counted) in
            [("", true), ("?includeCount=true", true), ("?includeCount=false", false)]
        {
            // The other family always counts (conventions.md 4).
            for (root, counted) in [(ATLAS, counted), (PUBLIC, true)] {
                let target = format!("{root}{path}{query}");
                let list = stage.ask(&stage.owner, "GET", &target, &Value::Null).await.json();
                assert_eq!(list.get("totalCount").is_some(), counted, "{target}");
                assert!(list["results"].is_array() && list["links"].is_array(), "{target}");
            }
        }
    }
}

/// conventions.md 3: a list gains `status`, an entity becomes `content`, an error as well, and the
/// status of the answer stays. Nothing wraps a 204.
#[tokio::test]
async fn an_envelope_tells_the_status_as_well() {
    let (stage, lists) = start().await;
    for (path, _) in &lists {
        let list = stage.get(&format!("{path}?envelope=true")).await;
        let body = list.json();
        assert_eq!((list.status, &body["status"]), (200, &json!(200)), "{path}");
        assert!(body["results"].is_array() && body.get("content").is_none(), "{path}");
    }
    let of_org = stage.of_org();
    let new = super::stage::new_account(&["ORG_MEMBER"]);
    let created = stage.post(&format!("{of_org}?envelope=true"), new).await;
    assert_eq!((created.status, &created.json()["status"]), (201, &json!(201)));
    let id = created.json()["content"]["clientId"].as_str().unwrap().to_owned();
    let plain = stage.get(&format!("{of_org}/{id}")).await.json();
    let wrapped = stage.get(&format!("{of_org}/{id}?envelope=true")).await.json();
    assert_eq!(wrapped, json!({"status": 200, "content": plain}));
    let bad = stage.post(&format!("{of_org}?envelope=true"), json!({})).await;
    assert_eq!((bad.status, &bad.json()["status"]), (400, &json!(400)));
    assert_eq!(bad.json()["content"]["errorCode"], "MISSING_ATTRIBUTE");
    let deleted = stage.delete(&format!("{of_org}/{id}?envelope=true&pretty=true")).await;
    assert_eq!(deleted.outcome(), (204, ""));
}

/// "indented by two", `"key" : value`, and the same JSON.
#[tokio::test]
async fn a_pretty_answer_says_the_same() {
    let (stage, lists) = start().await;
    for (path, _) in &lists {
        let plain = stage.get(&format!("{path}?pretty=false")).await;
        let pretty = stage.get(&format!("{path}?pretty=true")).await;
        assert_eq!(pretty.json()["results"], plain.json()["results"], "{path}");
        assert!(!plain.text().contains('\n') && !plain.text().contains(" : "), "{path}");
        assert!(pretty.text().starts_with("{\n  \"links\" : [ {\n    \"href\" : "), "{path}");
        for other in ["TRUE", "1", ""] {
            let answer = stage.get(&format!("{path}?pretty={other}")).await;
            assert!(!answer.text().contains('\n'), "pretty={other}");
        }
    }
    let missing = stage.get(&format!("{PUBLIC}?pretty=true")).await;
    assert_eq!(missing.status, 404);
    assert!(missing.text().starts_with("{\n  \"detail\" : "), "{}", missing.text());
}
