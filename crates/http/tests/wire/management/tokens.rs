//! Every token of an account is taken back, or every token of one of its secrets. Beyond the
//! contract.

use serde_json::{Value, json};

use super::{
    literal::{denied, no_resource},
    stage::{Made, ROOTS, Stage, assert_refused},
};

async fn with_two_secrets(stage: &Stage, role: &str) -> (Made, Made) {
    let first = stage.account(&[role]).await;
    let secrets = format!("{}/{}/secrets", stage.of_org(), first.id);
    let added = stage.post(&secrets, json!({"secretExpiresAfterHours": 720})).await.json();
    let second = Made {
        secret: added["secret"].as_str().unwrap().to_owned(),
        secret_id: added["id"].as_str().unwrap().to_owned(),
        ..first.clone()
    };
    (first, second)
}

#[tokio::test]
async fn all_tokens_of_an_account_or_of_a_secret_die_at_once() {
    let stage = Stage::start().await;
    let other = stage.token(&stage.account(&["ORG_MEMBER"]).await).await;
    for root in ROOTS {
        for slash in ["", "/"] {
            let (first, second) = with_two_secrets(&stage, "ORG_MEMBER").await;
            let mut tokens = Vec::new();
            // More than a block of 64.
            for _ in 0..70 {
                tokens.push(stage.token(&first).await);
            }
            let of_second = stage.token(&second).await;
            let account = format!("{root}{}/{}", stage.of_org(), first.id);
            let of_secret = format!("{account}/secrets/{}/tokens{slash}", first.secret_id);
            let answer = stage.ask(&stage.owner, "DELETE", &of_secret, &Value::Null).await;
            assert_eq!(answer.outcome(), (204, ""), "{of_secret}");
            for token in &tokens {
                assert!(!stage.opens(token).await);
            }
            assert!(stage.opens(&of_second).await);
            let later = stage.token(&first).await;
            assert!(stage.opens(&later).await, "a token issued later is not affected");

            let of_account = format!("{account}/tokens{slash}");
            let answer = stage.ask(&stage.owner, "DELETE", &of_account, &Value::Null).await;
            assert_eq!(answer.outcome(), (204, ""), "{of_account}");
            assert!(!stage.opens(&of_second).await && !stage.opens(&later).await);
            assert!(stage.opens(&stage.token(&second).await).await);
        }
    }
    assert!(stage.opens(&other).await);
}

/// An owner may, and the account itself; nobody else.
#[tokio::test]
async fn an_account_may_take_back_its_own_tokens_only() {
    let stage = Stage::start().await;
    let account = stage.account(&["ORG_MEMBER"]).await;
    let other = stage.account(&["GROUP_OWNER"]).await;
    let (own, others) = (stage.token(&account).await, stage.token(&other).await);
    let stranger = stage.app.token(&stage.app.stranger).await;
    let path = |made: &Made| format!("{}/{}/tokens", stage.of_org(), made.id);
    let head = stage.app.log_head().await;
    for (root, status) in ROOTS.into_iter().zip([401, 403]) {
        let target = format!("{root}{}", path(&other));
        let answer = stage.ask(&own, "DELETE", &target, &Value::Null).await;
        assert_refused("another's", &answer, &denied(status, "NOT_ORG_OWNER"));
        let answer = stage.ask(&stranger, "DELETE", &target, &Value::Null).await;
        assert_refused("a stranger", &answer, &super::literal::no_org(&stage.org));
    }
    let nobody = "mdb_sa_id_6400aa11bb22cc33dd44ee55";
    let unknown = format!("{}/{nobody}/tokens", stage.of_org());
    stage.refuses("unknown", ("DELETE", &unknown, Value::Null), &no_resource(nobody)).await;
    let wrong = format!("{}/{}/secrets/{}/tokens", stage.of_org(), account.id, other.secret_id);
    let expected = no_resource(&other.secret_id);
    stage.refuses("another's secret", ("DELETE", &wrong, Value::Null), &expected).await;
    assert_eq!(stage.app.log_head().await, head);
    assert!(stage.opens(&others).await);

    let target = format!("{}{}", ROOTS[0], path(&account));
    let answer = stage.ask(&own, "DELETE", &target, &Value::Null).await;
    assert_eq!(answer.outcome(), (204, ""));
    assert!(!stage.opens(&own).await && stage.opens(&others).await);
}
