//! `GET /orgs` and `/orgs/{id}` under both roots (conventions.md 4, service-accounts-api.md 10).

use serde_json::json;

use crate::app::{Account, TestApp};

const ROOTS: [&str; 2] = ["/api/public/v1.0", "/api/atlas/v2"];

fn no_such_org(id: &str) -> String {
    format!(
        r#"{{"detail":"No organization with ID {id} exists.","error":404,"errorCode":"ORG_NOT_FOUND","parameters":["{id}"],"reason":"Not Found"}}"#
    )
}

#[tokio::test]
async fn an_account_sees_its_own_organization_and_no_other() {
    let app = TestApp::start().await;
    let seen =
        |account: &Account, name| json!({"id": account.org_id, "name": name, "isDeleted": false});
    let rows = [
        (&app.owner, &app.stranger, seen(&app.owner, "default")),
        (&app.neighbour, &app.stranger, seen(&app.owner, "default")),
        (&app.stranger, &app.owner, seen(&app.stranger, "elsewhere")),
    ];
    for (account, other, expected) in rows {
        let token = app.token(account).await;
        for root in ROOTS {
            let get = |path: String| app.get(&format!("{root}/orgs{path}")).bearer(&token).send();
            let list = get(String::new()).await;
            assert_eq!(list.status, 200);
            let list = list.json();
            assert_eq!(list["totalCount"], 1);
            let [listed] = &list["results"].as_array().unwrap()[..] else { panic!("{list}") };
            let one = get(format!("/{}", account.org_id)).await;
            assert_eq!(one.status, 200);
            assert_eq!(one.json(), *listed);
            let mut members = listed.clone();
            let links = members.as_object_mut().unwrap().remove("links").unwrap();
            assert_eq!(members, expected);
            assert_eq!(links[0]["rel"], "self");
            let href = links[0]["href"].as_str().unwrap();
            let followed = href.strip_prefix("http://tokens.example.com").unwrap();
            assert_eq!(app.get(followed).bearer(&token).send().await.status, 200, "{href}");

            let other = other.org_id.to_string();
            assert_eq!(
                get(format!("/{other}")).await.outcome(),
                (404, no_such_org(&other).as_str())
            );
        }
    }
}

/// What is no id at all is an organization that there is not.
#[tokio::test]
async fn an_unknown_organization_is_named_in_the_answer() {
    let app = TestApp::start().await;
    let token = app.token(&app.owner).await;
    for root in ROOTS {
        for id in ["6400aa11bb22cc33dd44ee55", "default", "6400aa11", "mdb_sa_id_1"] {
            let answer = app.get(&format!("{root}/orgs/{id}")).bearer(&token).send().await;
            assert_eq!(answer.outcome(), (404, no_such_org(id).as_str()));
        }
    }
}
