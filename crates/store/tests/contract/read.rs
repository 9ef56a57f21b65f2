//! What reads promise beyond what was changed.

use rescind_core::{
    id::{ClientId, GroupId, OrgId},
    role::OrgRole,
};
use rescind_store::Change;

use crate::{backend::Backend, samples::*};

pub(crate) async fn accounts_come_in_the_order_asked_for(backend: impl Backend) {
    let store = backend.open().await;
    stocked(&*store).await;
    let created =
        (3..=150).map(|n| Change::ServiceAccountCreated(service_account(n, vec![]))).collect();
    let created: Vec<_> = created;
    commit(&*store, created).await;
    // Neither in the order of ids nor in that of their creation, and some are not there.
    let asked: Vec<ClientId> = (0..=250).map(|n: u8| account(n.wrapping_mul(83))).collect();
    let found = store.accounts(&asked).await.unwrap();
    let expected: Vec<_> =
        asked.into_iter().filter(|id| (account(1)..=account(150)).contains(id)).collect();
    assert_eq!(found.iter().map(|found| found.client_id).collect::<Vec<_>>(), expected);
    assert_eq!(expected.len(), 147);
    assert_eq!(store.accounts(&[]).await.unwrap().len(), 0);

    let [two, one] = store.accounts(&[account(2), account(1)]).await.unwrap().try_into().unwrap();
    assert_eq!((two.client_id, one.client_id), (account(2), account(1)));
    assert_eq!((one.org_id, &*one.name, &*one.description), (ORG, "account 1", "tests"));
    assert_eq!((one.created_at, one.roles), (NOW, OrgRole::Owner | OrgRole::BillingReadOnly));
    let shown = |kept: &[rescind_core::account::Secret]| format!("{kept:?}");
    assert_eq!(shown(&one.secrets), shown(&[stored_secret(1, 10), stored_secret(2, 0)]));
    assert_eq!(shown(&two.secrets), shown(&[stored_secret(3, 0)]));
}

pub(crate) async fn what_is_not_there_is_nothing(backend: impl Backend) {
    let store = backend.open().await;
    stocked(&*store).await;
    assert_eq!(store.organization(OrgId::from_bytes([9; 12])).await.unwrap(), None);
    assert_eq!(store.group(GroupId::from_bytes([9; 12])).await.unwrap(), None);
    assert!(store.principal(account(9)).await.unwrap().is_none());
    assert!(store.accounts(&[account(9)]).await.unwrap().is_empty());
    assert_eq!(store.access_entries(account(9).into()).await.unwrap(), []);
    assert!(store.api_key_principal(api_key(9)).await.unwrap().is_none());
    assert_eq!(store.access_entries(api_key(9).into()).await.unwrap(), []);
}
