//! The IP access list of an account (service-accounts-api.md 7).

use serde_json::json;

use super::{
    literal::{invalid, invalid_json, read_only, refusal},
    stage::{Made, PUBLIC, Stage},
};
use crate::app::{ISSUER, TOKEN};

async fn start() -> (Stage, Made, [String; 2]) {
    let stage = Stage::start().await;
    let account = stage.account(&["GROUP_OWNER"]).await;
    let list = |scope: String| format!("{scope}/{}/accessList", account.id);
    let lists = [list(stage.of_org()), list(stage.of_group())];
    (stage, account, lists)
}

/// "Response 200, first page of the WHOLE list after the addition", to the letter; the same list
/// by both paths.
#[tokio::test]
async fn an_addition_answers_with_the_whole_list() {
    let (stage, _, [org, group]) = start().await;
    let link = |path: &str| {
        format!(r#"[{{"href":"{ISSUER}{PUBLIC}{path}?pageNum=1&itemsPerPage=100","rel":"self"}}]"#)
    };
    let entries = [
        r#"{"cidrBlock":"198.51.100.7/32","createdAt":"2025-03-01T09:00:00Z","ipAddress":"198.51.100.7","requestCount":0}"#,
        r#"{"cidrBlock":"203.0.113.0/24","createdAt":"2025-03-01T09:00:00Z","requestCount":0}"#,
        r#"{"cidrBlock":"2001:db8::1/128","createdAt":"2025-03-01T09:05:00Z","ipAddress":"2001:db8::1","requestCount":0}"#,
    ];
    let expected = |path: &str, count: usize| {
        let results = entries[..count].join(",");
        format!(r#"{{"links":{},"results":[{results}],"totalCount":{count}}}"#, link(path))
    };
    let body = json!([{"ipAddress": "198.51.100.7"}, {"cidrBlock": "203.0.113.0/24"}]);
    let answer = stage.post(&org, body).await;
    assert_eq!(answer.outcome(), (200, expected(&org, 2).as_str()));
    stage.app.clock.move_to(300);
    let answer = stage.post(&group, json!([{"ipAddress": "2001:db8::1"}])).await;
    assert_eq!(answer.outcome(), (200, expected(&group, 3).as_str()));
    for path in [&org, &group] {
        assert_eq!(stage.get(path).await.outcome(), (200, expected(path, 3).as_str()));
    }
}

/// Row "an address already on the list": "ignore repeats, 200".
#[tokio::test]
async fn what_is_on_the_list_already_stays_as_it_is() {
    let (stage, _, [org, _]) = start().await;
    let first = stage.post(&org, json!([{"ipAddress": "198.51.100.7"}])).await.json();
    stage.app.clock.move_to(300);
    let head = stage.app.log_head().await;
    for entry in [json!({"ipAddress": "198.51.100.7"}), json!({"cidrBlock": "198.51.100.7/32"})] {
        assert_eq!(stage.post(&org, json!([entry])).await.json(), first);
    }
    assert_eq!(stage.app.log_head().await, head);
    let both = json!([{"ipAddress": "198.51.100.7"}, {"ipAddress": "198.51.100.8"}]);
    assert_eq!(stage.post(&org, both).await.json()["totalCount"], 2);
}

/// The rules of an element; with each, the good elements before it are not added either.
#[tokio::test]
async fn one_bad_entry_among_200_adds_nothing() {
    let (stage, _, lists) = start().await;
    let bad_request = refusal(
        400,
        "BAD_ACCESS_LIST_ADD_REQUEST",
        "Exactly one of ipAddress and cidrBlock must be specified.",
        &[],
    );
    let twice = refusal(
        400,
        "DUPLICATE_ADDRESSES_IN_INPUT",
        "Two entries of the request name the same addresses.",
        &[],
    );
    let nobody = |entry: &str| {
        let detail = format!("The address {entry} cannot be added to an access list.");
        refusal(400, "CANNOT_ADD_IP_ADDRESS_TO_API_KEY_ACCESS_LIST", &detail, &[entry])
    };
    #[rustfmt::skip]
    let rows = [
        (json!({"ipAddress": "192.0.2.1", "cidrBlock": "192.0.2.0/24"}), bad_request.clone()),
        (json!({}),                                       bad_request.clone()),
        (json!({"ipAddress": null}),                      bad_request),
        (json!({"ipAddress": "10.0.0.0"}),                twice.clone()),
        (json!({"cidrBlock": "10.0.0.0/32"}),             twice),
        (json!({"ipAddress": "0.0.0.0"}),                 nobody("0.0.0.0")),
        (json!({"cidrBlock": "0.0.0.0/32"}),              nobody("0.0.0.0/32")),
        (json!({"ipAddress": "::"}),                      nobody("::")),
        (json!({"cidrBlock": "::/128"}),                  nobody("::/128")),
        (json!({"ipAddress": "192.0.2.256"}),             invalid("ipAddress")),
        (json!({"ipAddress": "192.0.2.0/24"}),            invalid("ipAddress")),
        (json!({"ipAddress": "192.0.2"}),                 invalid("ipAddress")),
        (json!({"ipAddress": "192.0.2.01"}),              invalid("ipAddress")),
        (json!({"ipAddress": " 192.0.2.1"}),              invalid("ipAddress")),
        (json!({"ipAddress": "localhost"}),               invalid("ipAddress")),
        (json!({"ipAddress": "fe80::1%eth0"}),            invalid("ipAddress")),
        (json!({"ipAddress": ""}),                        invalid("ipAddress")),
        (json!({"ipAddress": 1}),                         invalid("ipAddress")),
        (json!({"ipAddress": ["192.0.2.1"]}),             invalid("ipAddress")),
        (json!({"cidrBlock": "192.0.2.1"}),               invalid("cidrBlock")),
        (json!({"cidrBlock": "192.0.2.0/33"}),            invalid("cidrBlock")),
        (json!({"cidrBlock": "192.0.2.0/-1"}),            invalid("cidrBlock")),
        (json!({"cidrBlock": "192.0.2.0/"}),              invalid("cidrBlock")),
        (json!({"cidrBlock": "2001:db8::/129"}),          invalid("cidrBlock")),
        (json!({"cidrBlock": 24}),                        invalid("cidrBlock")),
        (json!({"ipAddress": "192.0.2.1", "comment": "x"}), invalid("comment")),
        (json!({"IpAddress": "192.0.2.1"}),               invalid("IpAddress")),
        (json!({"ipAddress": "192.0.2.1", "createdAt": "x"}), read_only("createdAt")),
        (json!("192.0.2.1"),                              invalid_json()),
        (json!(null),                                     invalid_json()),
        (json!([]),                                       invalid_json()),
    ];
    let good = |count: u32| (0..count).map(|n| json!({"ipAddress": format!("10.0.0.{n}")}));
    for list in &lists {
        for (bad, expected) in &rows {
            let body: Vec<_> = good(199).chain([bad.clone()]).collect();
            stage.refuses(&bad.to_string(), ("POST", list, json!(body)), expected).await;
        }
        for body in [json!({"ipAddress": "192.0.2.1"}), json!("192.0.2.1"), json!(1)] {
            let row = body.to_string();
            stage.refuses(&row, ("POST", list, body), &invalid_json()).await;
        }
        assert_eq!(stage.get(list).await.json()["totalCount"], 0);
    }
}

/// "at most 200 entries per SA": repeats do not count twice.
#[tokio::test]
async fn a_list_has_room_for_200_entries() {
    let (stage, _, [org, group]) = start().await;
    let entries = |range: std::ops::Range<u32>| -> Vec<_> {
        range.map(|n| json!({"ipAddress": format!("10.0.0.{n}")})).collect()
    };
    let detail = "The access list has as many entries as it can have.";
    let code = "MAX_ACCESS_LIST_ENTRIES_PER_SERVICE_ACCOUNT_EXCEEDED";
    let full = refusal(400, code, detail, &[]);
    stage.refuses("at once", ("POST", &org, json!(entries(0..201))), &full).await;
    assert_eq!(stage.post(&org, json!(entries(0..150))).await.json()["totalCount"], 150);
    assert_eq!(stage.post(&org, json!(entries(100..200))).await.json()["totalCount"], 200);
    for list in [&org, &group] {
        stage.refuses("one more", ("POST", list, json!(entries(200..201))), &full).await;
    }
    let deleted = stage.delete(&format!("{org}/10.0.0.0")).await;
    assert_eq!(deleted.status, 204);
    assert_eq!(stage.post(&group, json!(entries(200..201))).await.json()["totalCount"], 200);
}

/// Row "effect of the list", setting off: "every address" while it is empty, "listed addresses
/// only" as soon as it is not.
#[tokio::test]
async fn a_list_that_is_not_empty_keeps_all_others_out() {
    let (stage, account, [org, _]) = start().await;
    let token = stage.token(&account).await;
    let ask = |address| stage.app.get(PUBLIC).bearer(&token).from(address).send();
    assert_eq!(ask("192.0.2.9").await.status, 200);
    let entries = json!([{"ipAddress": "198.51.100.7"}, {"cidrBlock": "2001:db8::/32"}]);
    assert_eq!(stage.post(&org, entries).await.status, 200);
    #[rustfmt::skip]
    let rows = [
        ("198.51.100.7",        true),
        ("198.51.100.8",        false),
        ("2001:db8::1",         true),
        ("2001:db9::1",         false),
    ];
    for (address, let_in) in rows {
        let answer = ask(address).await;
        let call = stage.app.post(TOKEN).basic(&account.id, &account.secret).from(address);
        let issued = call.form("grant_type=client_credentials").send().await;
        if let_in {
            assert_eq!((answer.status, issued.status), (200, 200), "{address}");
        } else {
            let detail = format!("IP address {address} is not allowed to access this resource.");
            let expected = refusal(403, "IP_ADDRESS_NOT_ON_ACCESS_LIST", &detail, &[address]);
            super::stage::assert_refused(address, &answer, &expected);
            assert_eq!(issued.status, 403, "{address}");
            assert_eq!(issued.json()["error"], "access_denied", "{address}");
        }
    }
}

/// The same row, setting on and the list empty: "SA unusable".
#[tokio::test]
async fn where_a_list_is_required_an_empty_one_lets_nobody_in() {
    let (stage, account, _) = start().await;
    let token = stage.token(&account).await;
    let owners_list = format!("{}/{}/accessList", stage.of_org(), stage.app.owner.id);
    // What comes from nowhere is taken to come from here.
    let nowhere = json!([{"cidrBlock": "0.0.0.0/8"}]);
    assert_eq!(stage.post(&owners_list, nowhere).await.status, 200);
    let settings = format!("/orgs/{}/settings", stage.org);
    let answer = stage.patch(&settings, json!({"apiAccessListRequired": true})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = stage.app.get(PUBLIC).bearer(&token).from("192.0.2.9").send().await;
    let detail = "This resource requires access through an access list of ip ranges.";
    let expected = refusal(403, "RESOURCE_REQUIRES_ACCESS_LIST", detail, &[]);
    super::stage::assert_refused("empty", &answer, &expected);
}

/// Row "the entry the request itself comes from cannot be removed"; anybody else's can.
#[tokio::test]
async fn nobody_locks_itself_out() {
    let stage = Stage::start().await;
    let owner = stage.account(&["ORG_OWNER"]).await;
    let token = stage.token(&owner).await;
    let list = format!("{PUBLIC}{}/{}/accessList", stage.of_org(), owner.id);
    let body = json!([{"ipAddress": "198.51.100.7"}, {"cidrBlock": "192.0.2.0/24"}]);
    assert_eq!(stage.ask(&token, "POST", &list, &body).await.status, 200);
    let head = stage.app.log_head().await;
    let entry = format!("{list}/198.51.100.7");
    let call = stage.app.call("DELETE", &entry).bearer(&token).from("198.51.100.7");
    let detail = "The entry that the request came through cannot be removed.";
    let expected = refusal(400, "CANNOT_REMOVE_CALLER_FROM_ACCESS_LIST", detail, &[]);
    super::stage::assert_refused("itself", &call.send().await, &expected);
    assert_eq!(stage.app.log_head().await, head);
    let call = stage.app.call("DELETE", &entry).bearer(&token).from("192.0.2.5");
    assert_eq!(call.send().await.outcome(), (204, ""));
    let path = list.strip_prefix(PUBLIC).unwrap();
    assert_eq!(stage.delete(&format!("{path}/192.0.2.0%2F24")).await.status, 204);
}

/// `requestCount`, `lastUsedAt` and `lastUsedAddress`: "once used", and they "may lag".
#[tokio::test]
async fn an_entry_tells_how_it_was_used() {
    let (stage, account, [org, _]) = start().await;
    let token = stage.token(&account).await;
    assert_eq!(stage.post(&org, json!([{"cidrBlock": "192.0.2.0/24"}])).await.status, 200);
    stage.app.clock.move_to(60);
    for address in ["192.0.2.8", "192.0.2.9", "198.51.100.1"] {
        stage.app.get(PUBLIC).bearer(&token).from(address).send().await;
    }
    let used = async {
        loop {
            let entry = stage.get(&org).await.json()["results"][0].clone();
            if entry["requestCount"] != 0 {
                break entry;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    let used = tokio::time::timeout(std::time::Duration::from_secs(30), used).await.unwrap();
    let expected = json!({
        "cidrBlock": "192.0.2.0/24",
        "createdAt": "2025-03-01T09:00:00Z",
        "lastUsedAddress": "192.0.2.9",
        "lastUsedAt": "2025-03-01T09:01:00Z",
        "requestCount": 2,
    });
    assert_eq!(used, expected);
}
