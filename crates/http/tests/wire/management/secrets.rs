//! Secrets (service-accounts-api.md 5), from both scopes.

use serde_json::{Value, json};

use super::{
    literal::{invalid, no_resource, refusal},
    stage::{DAY, Stage, new_account},
};

fn hours(hours: u32) -> Value {
    json!({"secretExpiresAfterHours": hours})
}

/// Rows "at most 2 secrets per SA; expired ones still occupy a place" and "a third one is refused".
#[tokio::test]
async fn an_account_has_two_secrets_at_most() {
    let stage = Stage::start().await;
    let detail = "The service account has as many secrets as it can have.";
    let full = refusal(400, "MAX_SECRETS_PER_SERVICE_ACCOUNT_EXCEEDED", detail, &[]);
    let mut accounts = Vec::new();
    for (scope, role) in [(stage.of_org(), "ORG_MEMBER"), (stage.of_group(), "GROUP_OWNER")] {
        let account = stage.account(&[role]).await;
        let secrets = format!("{scope}/{}/secrets/", account.id);
        assert_eq!(stage.post(&secrets, hours(8)).await.status, 201);
        stage.refuses(&scope, ("POST", &secrets, hours(8)), &full).await;
        accounts.push((scope, account, secrets));
    }
    stage.app.clock.move_to(DAY);
    let stage = Stage { owner: stage.app.token(&stage.app.owner).await, ..stage };
    for (scope, account, secrets) in accounts {
        stage.refuses("the second has expired", ("POST", &secrets, hours(8)), &full).await;
        let shown = stage.get(&format!("{scope}/{}", account.id)).await.json();
        let shown = shown["secrets"].as_array().unwrap().clone();
        assert_eq!(shown.len(), 2, "expired ones are shown");
        let expired = shown.iter().find(|secret| secret["id"] != account.secret_id).unwrap();
        let path = format!("{secrets}{}", expired["id"].as_str().unwrap());
        assert_eq!(stage.delete(&path).await.status, 204);
        assert_eq!(stage.post(&secrets, hours(8)).await.status, 201);
    }
}

/// "its `expiresAt` = min(old `expiresAt`, now + 7 days)".
#[tokio::test]
async fn a_second_secret_cuts_the_life_of_the_first() {
    let stage = Stage::start().await;
    #[rustfmt::skip]
    let rows = [
        (8,    "2025-03-01T17:00:00Z"),
        (168,  "2025-03-08T09:00:00Z"),
        (169,  "2025-03-08T09:00:00Z"),
        (8766, "2025-03-08T09:00:00Z"),
    ];
    for (old, expected) in rows {
        let mut new = new_account(&["ORG_MEMBER"]);
        new["secretExpiresAfterHours"] = json!(old);
        let created = stage.post(&stage.of_org(), new).await.json();
        let one = format!("{}/{}", stage.of_org(), created["clientId"].as_str().unwrap());
        let added = stage.post(&format!("{one}/secrets"), hours(8766)).await.json();
        let shown = stage.get(&one).await.json();
        let expiry = |id: &Value| {
            let mut secrets = shown["secrets"].as_array().unwrap().iter();
            secrets.find(|secret| secret["id"] == *id).unwrap()["expiresAt"].clone()
        };
        assert_eq!(expiry(&created["secrets"][0]["id"]), expected, "{old} hours");
        assert_eq!(expiry(&added["id"]), "2026-03-01T15:00:00Z", "{old} hours");
    }
}

/// "authentication with it fails from then on; tokens it minted are revoked", and no others.
#[tokio::test]
async fn a_deleted_secret_takes_its_tokens_along() {
    let stage = Stage::start().await;
    for (scope, role) in [(stage.of_org(), "ORG_MEMBER"), (stage.of_group(), "GROUP_OWNER")] {
        let first = stage.account(&[role]).await;
        let secrets = format!("{scope}/{}/secrets", first.id);
        let added = stage.post(&secrets, hours(720)).await.json();
        let second = super::stage::Made {
            secret: added["secret"].as_str().unwrap().to_owned(),
            secret_id: added["id"].as_str().unwrap().to_owned(),
            ..first.clone()
        };
        let (dying, living) = (stage.token(&first).await, stage.token(&second).await);
        let path = format!("{secrets}/{}", first.secret_id);
        assert_eq!(stage.delete(&path).await.outcome(), (204, ""));
        assert!(!stage.opens(&dying).await);
        assert!(stage.opens(&living).await);
        assert_eq!(stage.issue(&first.id, &first.secret).await.status, 401);
        let again = no_resource(&first.secret_id);
        stage.refuses("again", ("DELETE", &path, Value::Null), &again).await;
        // "deleting the only secret is allowed"
        let path = format!("{secrets}/{}", second.secret_id);
        assert_eq!(stage.delete(&path).await.status, 204);
        assert!(!stage.opens(&living).await);
        let shown = stage.get(&format!("{scope}/{}", first.id)).await.json();
        assert_eq!(shown["secrets"], json!([]));
    }
}

/// The secret of one account is not reached through another.
#[tokio::test]
async fn a_secret_belongs_to_one_account() {
    let stage = Stage::start().await;
    let (one, other) = (stage.account(&["ORG_MEMBER"]).await, stage.account(&["ORG_MEMBER"]).await);
    let path = format!("{}/{}/secrets/{}", stage.of_org(), one.id, other.secret_id);
    stage.refuses("O7", ("DELETE", &path, Value::Null), &no_resource(&other.secret_id)).await;
    stage.token(&other).await;
}

/// Row "an SA may manage itself": the rotation of `clients.md`, with the account's own tokens.
#[tokio::test]
async fn an_account_can_rotate_its_own_secret_if_its_role_allows() {
    let stage = Stage::start().await;
    let owner = stage.account(&["ORG_OWNER"]).await;
    let own = stage.token(&owner).await;
    let secrets = format!("/api/public/v1.0{}/{}/secrets", stage.of_org(), owner.id);
    let added = stage.ask(&own, "POST", &secrets, &hours(720)).await;
    assert_eq!(added.status, 201, "{}", added.text());
    let issued = stage.issue(&owner.id, added.json()["secret"].as_str().unwrap()).await;
    let renewed = issued.json()["access_token"].as_str().unwrap().to_owned();
    let old = format!("{secrets}/{}", owner.secret_id);
    assert_eq!(stage.ask(&renewed, "DELETE", &old, &Value::Null).await.status, 204);
    assert!(!stage.opens(&own).await && stage.opens(&renewed).await);

    let member = stage.account(&["ORG_MEMBER"]).await;
    let own = stage.token(&member).await;
    let secrets = format!("/api/public/v1.0{}/{}/secrets", stage.of_org(), member.id);
    assert_eq!(stage.ask(&own, "POST", &secrets, &hours(720)).await.status, 401);
}

/// The setting `maxServiceAccountSecretValidityInHours` "may lower" the longest life (2.1).
#[tokio::test]
async fn an_organization_can_lower_the_longest_life_of_secrets() {
    let stage = Stage::start().await;
    let account = stage.account(&["ORG_MEMBER"]).await;
    let settings = format!("/orgs/{}/settings", stage.org);
    let body = json!({"maxServiceAccountSecretValidityInHours": 100});
    assert_eq!(stage.patch(&settings, body).await.status, 200);
    let secrets = format!("{}/{}/secrets", stage.of_org(), account.id);
    let too_long = invalid("secretExpiresAfterHours");
    stage.refuses("O6", ("POST", &secrets, hours(101)), &too_long).await;
    let scope = stage.of_org();
    stage.refuses("O2", ("POST", &scope, new_account(&["ORG_MEMBER"])), &too_long).await;
    assert_eq!(stage.post(&secrets, hours(100)).await.status, 201);
}

/// "`lastUsedAt`: only once used".
#[tokio::test]
async fn a_secret_tells_when_it_was_used_last() {
    let stage = Stage::start().await;
    let account = stage.account(&["ORG_MEMBER"]).await;
    let one = format!("{}/{}", stage.of_org(), account.id);
    assert_eq!(stage.get(&one).await.json()["secrets"][0].get("lastUsedAt"), None);
    stage.app.clock.move_to(60);
    stage.token(&account).await;
    let used = async {
        loop {
            let shown = stage.get(&one).await.json()["secrets"][0]["lastUsedAt"].clone();
            if !shown.is_null() {
                break shown;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    // It may lag behind by seconds.
    let used = tokio::time::timeout(std::time::Duration::from_secs(30), used).await.unwrap();
    assert_eq!(used, "2025-03-01T09:01:00Z");
}
