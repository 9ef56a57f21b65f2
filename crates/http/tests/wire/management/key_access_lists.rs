//! The access list of an API key: "entries as service accounts'" (service-accounts-api.md 7). What
//! an entry may be is tested with theirs; here is what a key's list has besides, and its codes.

use serde_json::{Value, json};

use super::{
    literal::{invalid, invalid_json, read_only, refusal},
    stage::{PUBLIC, Stage, assert_refused},
};
use crate::{
    app::ISSUER,
    digest::client::{Key, fresh_nonce},
};

async fn start() -> (Stage, Key, String) {
    let stage = Stage::start().await;
    let key = Key::make(&stage.app, &["ORG_OWNER"]).await;
    let list = format!("/orgs/{}/apiKeys/{}/accessList", stage.org, key.id);
    (stage, key, list)
}

#[tokio::test]
async fn an_addition_answers_with_the_whole_list_and_each_entry_has_a_path() {
    let (stage, _, list) = start().await;
    let entries = [
        r#"{"cidrBlock":"198.51.100.7/32","createdAt":"2025-03-01T09:00:00Z","ipAddress":"198.51.100.7","requestCount":0}"#,
        r#"{"cidrBlock":"203.0.113.0/24","createdAt":"2025-03-01T09:00:00Z","requestCount":0}"#,
    ];
    let expected = format!(
        r#"{{"links":[{{"href":"{ISSUER}{PUBLIC}{list}?pageNum=1&itemsPerPage=100","rel":"self"}}],"results":[{}],"totalCount":2}}"#,
        entries.join(",")
    );
    let body = json!([{"ipAddress": "198.51.100.7"}, {"cidrBlock": "203.0.113.0/24"}]);
    assert_eq!(stage.post(&list, body).await.outcome(), (200, &*expected));
    assert_eq!(stage.get(&list).await.outcome(), (200, &*expected));
    let rows = [
        ("198.51.100.7", entries[0]),
        ("198.51.100.7%2F32", entries[0]),
        ("203.0.113.0%2F24", entries[1]),
        ("203.0.113.0%2f24", entries[1]),
    ];
    for (written, entry) in rows {
        let one = stage.get(&format!("{list}/{written}")).await;
        assert_eq!(one.outcome(), (200, entry), "{written}");
    }
    let gone = format!("{list}/203.0.113.0%2F24");
    assert_eq!(stage.delete(&gone).await.outcome(), (204, ""));
    let unknown = |entry: &str| {
        let detail = format!("The access list has no entry {entry}.");
        refusal(404, "API_KEY_ACCESS_LIST_NOT_FOUND", &detail, &[entry])
    };
    for method in ["GET", "DELETE"] {
        let row = (method, &*gone, Value::Null);
        stage.refuses(method, row, &unknown("203.0.113.0/24")).await;
        let path = format!("{list}/nowhere");
        stage.refuses(method, (method, &path, Value::Null), &unknown("nowhere")).await;
    }
}

/// The rules are those of an account's list; here too, the good elements before a bad one are not
/// added.
#[tokio::test]
async fn one_bad_entry_among_200_adds_nothing_to_the_list_of_a_key() {
    let (stage, _, list) = start().await;
    let twice = "Two entries of the request name the same addresses.";
    let neither = "Exactly one of ipAddress and cidrBlock must be specified.";
    let rows = [
        (json!({}), refusal(400, "BAD_ACCESS_LIST_ADD_REQUEST", neither, &[])),
        (
            json!({"ipAddress": "10.0.0.0"}),
            refusal(400, "DUPLICATE_ADDRESSES_IN_INPUT", twice, &[]),
        ),
        (json!({"ipAddress": "192.0.2.256"}), invalid("ipAddress")),
        (json!({"cidrBlock": "192.0.2.0/33"}), invalid("cidrBlock")),
        (json!({"ipAddress": "192.0.2.1", "comment": "x"}), invalid("comment")),
        (json!({"ipAddress": "192.0.2.1", "createdAt": "x"}), read_only("createdAt")),
        (json!("192.0.2.1"), invalid_json()),
    ];
    for (bad, expected) in rows {
        let good = (0..199).map(|n| json!({"ipAddress": format!("10.0.0.{n}")}));
        let body: Vec<_> = good.chain([bad.clone()]).collect();
        stage.refuses(&bad.to_string(), ("POST", &list, json!(body)), &expected).await;
    }
    assert_eq!(stage.get(&list).await.json()["totalCount"], 0);
}

/// An entry that an account has is none of a key's.
#[tokio::test]
async fn lists_of_keys_and_of_accounts_are_apart() {
    let (stage, _, list) = start().await;
    let account = stage.account(&["ORG_MEMBER"]).await;
    let of_account = format!("{}/{}/accessList", stage.of_org(), account.id);
    stage.post(&of_account, json!([{"ipAddress": "198.51.100.7"}])).await;
    assert_eq!(stage.get(&list).await.json()["totalCount"], 0);
    stage.post(&list, json!([{"ipAddress": "198.51.100.7"}])).await;
    assert_eq!(stage.delete(&format!("{of_account}/198.51.100.7")).await.status, 204);
    assert_eq!(stage.get(&list).await.json()["totalCount"], 1);
}

/// "200 entries."
#[tokio::test]
async fn a_list_of_a_key_has_room_for_200_entries() {
    let (stage, _, list) = start().await;
    let entries = |range: std::ops::Range<u32>| -> Value {
        range.map(|n| json!({"ipAddress": format!("10.0.0.{n}")})).collect()
    };
    let detail = "The access list has as many entries as it can have.";
    let full = refusal(400, "MAX_ACCESS_LIST_ENTRIES_PER_API_KEY_EXCEEDED", detail, &[]);
    stage.refuses("at once", ("POST", &list, entries(0..201)), &full).await;
    assert_eq!(stage.post(&list, entries(0..200)).await.json()["totalCount"], 200);
    stage.refuses("one more", ("POST", &list, entries(200..201)), &full).await;
}

/// Row "the entry the request itself comes from cannot be removed".
#[tokio::test]
async fn a_key_does_not_lock_itself_out() {
    let (stage, key, list) = start().await;
    let entries = json!([{"ipAddress": "198.51.100.7"}, {"cidrBlock": "192.0.2.0/24"}]);
    assert_eq!(stage.post(&list, entries).await.status, 200);
    let entry = format!("{PUBLIC}{list}/198.51.100.7");
    let ask_from = async |address| {
        let proof = key.proof(&fresh_nonce(&stage.app).await, "DELETE", &entry);
        let call = stage.app.call("DELETE", &entry).header("authorization", proof.header());
        call.from(address).send().await
    };
    let head = stage.app.log_head().await;
    let detail = "The entry that the request came through cannot be removed.";
    let expected = refusal(400, "CANNOT_REMOVE_CALLER_FROM_ACCESS_LIST", detail, &[]);
    assert_refused("itself", &ask_from("198.51.100.7").await, &expected);
    assert_eq!(stage.app.log_head().await, head);
    assert_eq!(ask_from("192.0.2.5").await.outcome(), (204, ""));
}

/// `requestCount`, `lastUsedAt` and `lastUsedAddress`, which "may lag".
#[tokio::test]
async fn an_entry_of_a_key_tells_how_it_was_used() {
    let (stage, key, list) = start().await;
    assert_eq!(stage.post(&list, json!([{"cidrBlock": "192.0.2.0/24"}])).await.status, 200);
    stage.app.clock.move_to(60);
    for address in ["192.0.2.8", "192.0.2.9", "198.51.100.1"] {
        let proof = key.proof(&fresh_nonce(&stage.app).await, "GET", PUBLIC);
        let call = stage.app.get(PUBLIC).header("authorization", proof.header());
        call.from(address).send().await;
    }
    let used = async {
        loop {
            let entry = stage.get(&list).await.json()["results"][0].clone();
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
