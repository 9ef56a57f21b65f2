//! A service, whoever owns it, and accounts made through the API itself.

use serde_json::{Value, json};

use super::literal::Refusal;
use crate::{
    app::{TOKEN, TestApp},
    call::Answer,
};

pub(super) const PUBLIC: &str = "/api/public/v1.0";
pub(super) const ATLAS: &str = "/api/atlas/v2";
pub(super) const ROOTS: [&str; 2] = [PUBLIC, ATLAS];

/// A day after a test begins, in seconds.
pub(super) const DAY: i64 = 24 * 3600;

pub(super) struct Stage {
    pub app: TestApp,
    /// A token of an `ORG_OWNER`.
    pub owner: String,
    pub org: String,
    pub group: String,
}

/// An account that was made, and its first secret.
#[derive(Clone)]
pub(super) struct Made {
    pub id: String,
    pub secret: String,
    pub secret_id: String,
}

impl Made {
    fn from(answer: &Answer) -> Self {
        assert_eq!(answer.status, 201, "{}", answer.text());
        let account = answer.json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self {
            id: text(&account["clientId"]),
            secret: text(&account["secrets"][0]["secret"]),
            secret_id: text(&account["secrets"][0]["id"]),
        }
    }
}

/// A good request for an account.
pub(super) fn new_account(roles: &[&str]) -> Value {
    json!({
        "name": "inventory-export",
        "description": "Nightly inventory export",
        "secretExpiresAfterHours": 720,
        "roles": roles,
    })
}

impl Stage {
    pub(super) async fn start() -> Self {
        let app = TestApp::start().await;
        let owner = app.token(&app.owner).await;
        let (org, group) = (app.owner.org_id.to_string(), app.owner.group_id.to_string());
        Self { app, owner, org, group }
    }

    /// The accounts of the organization.
    pub(super) fn of_org(&self) -> String {
        format!("/orgs/{}/serviceAccounts", self.org)
    }

    /// The accounts assigned to the project.
    pub(super) fn of_group(&self) -> String {
        format!("/groups/{}/serviceAccounts", self.group)
    }

    /// Asks for `target`; the body is JSON unless it is null.
    pub(super) async fn ask(
        &self,
        token: &str,
        method: &str,
        target: &str,
        body: &Value,
    ) -> Answer {
        let call = self.app.call(method, target).bearer(token);
        if body.is_null() {
            return call.send().await;
        }
        call.header("content-type", "application/json").body(body.to_string()).send().await
    }

    /// The owner asks for a path of the first family.
    pub(super) async fn send(&self, method: &str, path: &str, body: Value) -> Answer {
        self.ask(&self.owner, method, &format!("{PUBLIC}{path}"), &body).await
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, Value::Null).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, body).await
    }

    pub(super) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send("PATCH", path, body).await
    }

    pub(super) async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, Value::Null).await
    }

    /// An account with these roles: of the organization, or of the project and assigned to it.
    pub(super) async fn account(&self, roles: &[&str]) -> Made {
        let of_group = roles[0].starts_with("GROUP_");
        let path = if of_group { self.of_group() } else { self.of_org() };
        Made::from(&self.post(&path, new_account(roles)).await)
    }

    /// A token of an account, minted with its first secret.
    pub(super) async fn token(&self, made: &Made) -> String {
        let answer = self.issue(&made.id, &made.secret).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    /// Asks for a token.
    pub(super) async fn issue(&self, id: &str, secret: &str) -> Answer {
        let call = self.app.post(TOKEN).basic(id, secret);
        call.form("grant_type=client_credentials").send().await
    }

    /// Whether a token opens the API.
    pub(super) async fn opens(&self, token: &str) -> bool {
        let answer = self.ask(token, "GET", PUBLIC, &Value::Null).await;
        assert!(matches!(answer.status, 200 | 401), "{}", answer.status);
        answer.status == 200
    }

    /// The owner is refused, in these words, and nothing is applied.
    pub(super) async fn refuses(
        &self,
        row: &str,
        (method, path, body): (&str, &str, Value),
        expected: &Refusal,
    ) {
        let head = self.app.log_head().await;
        let answer = self.send(method, path, body).await;
        assert_refused(row, &answer, expected);
        assert_eq!(self.app.log_head().await, head, "row: {row}: something was applied");
    }
}

/// Status and body are these.
pub(super) fn assert_refused(row: &str, answer: &Answer, expected: &Refusal) {
    let (status, body) = answer.outcome();
    assert_eq!((status, body), (expected.status, expected.body.as_str()), "row: {row}");
}
