//! What reads promise beyond what was changed.

use rescind_core::{
    id::{ClientId, GroupId, OrgId},
    role::OrgRole,
    status_list::{BlockRef, Term},
};
use rescind_store::{Change, Store};

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

pub(crate) async fn full_blocks_are_those_with_every_bit_set(backend: impl Backend) {
    async fn full(store: &dyn Store) -> Vec<BlockRef> {
        let mut blocks = store.full_blocks().await.unwrap();
        blocks.sort_unstable();
        blocks
    }
    let store = backend.open().await;
    let list = open_list(&*store, 0).await;
    let other = open_list(&*store, 0).await;
    let changes =
        [taken(list, 0, 3, (1, 1)), taken(other, 0, 1, (1, 1)), taken(other, 7, 1, (2, 2))];
    commit(&*store, changes).await;
    assert_eq!(full(&*store).await, []);
    // All bits of a block but the last, and then the last as well.
    let nearly: Vec<_> = (64..127).map(|index| revoked(list, index)).collect();
    commit(&*store, nearly).await;
    assert_eq!(full(&*store).await, []);
    commit(&*store, [revoked(list, 127)]).await;
    let block = |list, number| BlockRef { list, number };
    assert_eq!(full(&*store).await, [block(list, 1)]);
    commit(&*store, [Change::AccountTokensRevoked { client_id: account(2) }]).await;
    assert_eq!(full(&*store).await, [block(list, 1), block(other, 7)]);
    store.forget_dead_lists(Term::starting(NOW).dies_at).await.unwrap();
    assert_eq!(full(&*store).await, []);
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
