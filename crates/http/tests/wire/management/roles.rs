//! Who may call what (service-accounts-api.md 8): every row of the endpoint table for every role.

use serde_json::json;

use super::{
    endpoints::{Target, table},
    literal::denied,
    stage::{ATLAS, PUBLIC, ROOTS, Stage, assert_refused, new_account},
};

const ROLES: [&str; 15] = [
    "ORG_OWNER",
    "ORG_MEMBER",
    "ORG_GROUP_CREATOR",
    "ORG_BILLING_ADMIN",
    "ORG_READ_ONLY",
    "ORG_BILLING_READ_ONLY",
    "GROUP_OWNER",
    "GROUP_USER_ADMIN",
    "GROUP_READ_ONLY",
    "GROUP_AUTOMATION_ADMIN",
    "GROUP_BACKUP_ADMIN",
    "GROUP_MONITORING_ADMIN",
    "GROUP_DATA_ACCESS_ADMIN",
    "GROUP_DATA_ACCESS_READ_WRITE",
    "GROUP_DATA_ACCESS_READ_ONLY",
];

/// The code that `role` is refused with at a row of the endpoint table; `None` if it may.
///
/// An account that was made in the project is an `ORG_MEMBER` too. An organization's owner owns
/// its projects, and whoever reads an organization reads its projects.
fn refused(row: &str, role: &str) -> Option<&'static str> {
    let sees_group = role.starts_with("GROUP_") || matches!(role, "ORG_OWNER" | "ORG_READ_ONLY");
    let not_in_group = (!sees_group).then_some("NOT_IN_GROUP");
    match row {
        "O1" | "O3" | "O8" | "O9" => None,
        "O2" | "O4" | "O5" | "O6" | "O7" | "O10" | "O11" => {
            (role != "ORG_OWNER").then_some("NOT_ORG_OWNER")
        }
        "P1" | "P3" | "P9" => not_in_group,
        "P2" | "P4" | "P6" | "P7" | "P8" => match role {
            "ORG_OWNER" | "GROUP_OWNER" | "GROUP_USER_ADMIN" => None,
            _ => not_in_group.or(Some("NOT_GROUP_USER_ADMIN")),
        },
        "P5" => match role {
            "ORG_OWNER" => None,
            _ => not_in_group.or(Some("NOT_ORG_OWNER")),
        },
        "P10" | "P11" => match role {
            "ORG_OWNER" | "GROUP_OWNER" => None,
            _ => not_in_group.or(Some("USER_UNAUTHORIZED")),
        },
        _ => panic!("no row {row}"),
    }
}

/// A lacking role is 401 in the first family and 403 in the Atlas family (conventions.md 2.3).
#[tokio::test]
async fn every_row_answers_every_role_as_the_table_says() {
    let stage = Stage::start().await;
    let spared = Target::make(&stage).await;
    for role in ROLES {
        let caller = stage.account(&[role]).await;
        let token = stage.token(&caller).await;
        for row in table() {
            for (root, status) in [(PUBLIC, 401), (ATLAS, 403)] {
                let which = format!("{role} at {root} {}", row.number);
                let Some(code) = refused(row.number, role) else {
                    let target = Target::make(&stage).await;
                    let path = format!("{root}{}", row.path(&stage, &target));
                    let answer = stage.ask(&token, row.method, &path, &row.body).await;
                    assert_eq!(answer.status, row.status, "{which}: {}", answer.text());
                    // There is room for 200 only.
                    let path = format!("{}/{}", stage.of_org(), target.account.id);
                    let deleted = stage.delete(&path).await.status;
                    assert!(matches!(deleted, 204 | 404), "{deleted}");
                    continue;
                };
                let path = format!("{root}{}", row.path(&stage, &spared));
                let head = stage.app.log_head().await;
                let answer = stage.ask(&token, row.method, &path, &row.body).await;
                assert_refused(&which, &answer, &denied(status, code));
                assert_eq!(stage.app.log_head().await, head, "{which}");
                let challenges = if status == 401 { 3 } else { 0 };
                assert_eq!(answer.lines("www-authenticate").len(), challenges, "{which}");
            }
        }
    }
}

/// "Forbid granting roles the caller lacks unless it is Project/Org Owner", directly and by
/// taking over an account that has them.
#[tokio::test]
async fn a_user_admin_gains_nothing_by_its_role() {
    let stage = Stage::start().await;
    let admin = stage.account(&["GROUP_USER_ADMIN"]).await;
    let token = stage.token(&admin).await;
    let mighty = stage.account(&["GROUP_OWNER"]).await;
    let equal = stage.account(&["GROUP_USER_ADMIN"]).await;
    let org_owner = stage.account(&["ORG_OWNER"]).await;
    let group = stage.of_group();
    let invited = stage
        .post(&format!("{group}/{}:invite", org_owner.id), json!({"roles": ["GROUP_USER_ADMIN"]}))
        .await;
    assert_eq!(invited.status, 200);
    let hours = json!({"secretExpiresAfterHours": 8});
    let owner_roles = json!({"roles": ["GROUP_OWNER"]});
    let same_roles = json!({"roles": ["GROUP_USER_ADMIN"]});
    let lacking = "USER_UNAUTHORIZED";
    #[rustfmt::skip]
    let rows = [
        ("itself",            "PATCH",  format!("/{}", admin.id),           owner_roles.clone(),            lacking),
        ("another",           "PATCH",  format!("/{}", equal.id),           owner_roles,                    lacking),
        ("a new one",         "POST",   String::new(),                      new_account(&["GROUP_OWNER"]),  lacking),
        ("one that it has not", "PATCH", format!("/{}", equal.id),          json!({"roles": ["GROUP_USER_ADMIN", "GROUP_READ_ONLY"]}), lacking),
        ("demotion",          "PATCH",  format!("/{}", mighty.id),          same_roles,                     lacking),
        ("removal",           "DELETE", format!("/{}", mighty.id),          json!(null),                    lacking),
        ("a secret",          "POST",   format!("/{}/secrets", mighty.id),  hours.clone(),                  "NOT_ORG_OWNER"),
        ("a secret's end",    "DELETE", format!("/{}/secrets/{}", mighty.id, mighty.secret_id), json!(null), "NOT_ORG_OWNER"),
        ("an owner's secret", "POST",   format!("/{}/secrets", org_owner.id), hours,                        "NOT_ORG_OWNER"),
    ];
    let head = stage.app.log_head().await;
    for (row, method, path, body, code) in rows {
        for (root, status) in ROOTS.into_iter().zip([401, 403]) {
            let path = format!("{root}{group}{path}");
            let answer = stage.ask(&token, method, &path, &body).await;
            assert_refused(row, &answer, &denied(status, code));
            assert_eq!(stage.app.log_head().await, head, "row: {row}");
        }
    }
}

/// Section 4, row "removing/demoting the last Org Owner".
#[tokio::test]
async fn the_last_owner_of_an_organization_stays() {
    let stage = Stage::start().await;
    let owner = format!("{}/{}", stage.of_org(), stage.app.owner.id);
    let refused = super::literal::refusal(
        403,
        "CANNOT_DEMOTE_LAST_ORG_OWNER",
        "The last organization owner cannot be removed or demoted.",
        &[],
    );
    stage.refuses("removed", ("DELETE", &owner, json!(null)), &refused).await;
    let demotion = json!({"roles": ["ORG_MEMBER"]});
    stage.refuses("demoted", ("PATCH", &owner, demotion.clone()), &refused).await;
    let second = stage.account(&["ORG_OWNER"]).await;
    let answer = stage.patch(&owner, demotion).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(stage.token(&second).await.split('.').count(), 3);
}
