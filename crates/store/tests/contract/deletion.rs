//! What is gone, what goes with it, and which tokens are dead.

use rescind_core::{id::OrgId, organization::Organization, role::GroupRole, status_list::ListId};
use rescind_store::{Change, EventFilter, Seq, Store, TokensOf, Transaction};

use crate::{backend::Backend, samples::*};

/// Blocks 0 and 1 of secret 1 and block 2 of secret 2, both of account 1; block 3 of account 2;
/// block 4 of an account of another organization. One bit is set in each of the last two.
async fn with_tokens(store: &dyn Store) -> ListId {
    stocked(store).await;
    let elsewhere = OrgId::from_bytes([9; 12]);
    let mut foreign = service_account(9, vec![stored_secret(9, 0)]);
    foreign.org_id = elsewhere;
    let changes = [
        Change::OrganizationCreated(Organization { id: elsewhere, ..organization() }),
        Change::ServiceAccountCreated(foreign),
    ];
    commit(store, changes).await;
    let list = open_list(store, 0).await;
    let changes = [
        taken(list, 0, 2, (1, 1)),
        taken(list, 2, 1, (1, 2)),
        taken(list, 3, 1, (2, 3)),
        taken(list, 4, 1, (9, 9)),
        revoked(list, 64 * 3),
        revoked(list, 64 * 4),
    ];
    commit(store, changes).await;
    list
}

const ALL: u64 = u64::MAX;

pub(crate) async fn the_tokens_of_a_deleted_secret_die_and_no_others(backend: impl Backend) {
    let store = backend.open().await;
    with_tokens(&*store).await;
    let deleted = Change::SecretDeleted { client_id: account(1), secret_id: secret(1) };
    commit(&*store, [deleted]).await;
    assert_eq!(bits(&*store).await, [(0, ALL), (1, ALL), (3, 1), (4, 1)]);
    let secrets = account_in(&*store, 1).await.unwrap().secrets;
    assert_eq!(secrets.iter().map(|kept| kept.id).collect::<Vec<_>>(), [secret(2)]);
    let credentials = principal_in(&*store, 1).await.unwrap().credentials;
    assert_eq!(credentials.iter().map(|kept| kept.id).collect::<Vec<_>>(), [secret(2)]);
}

pub(crate) async fn the_tokens_of_a_deleted_account_die_and_no_others(backend: impl Backend) {
    let store = backend.open().await;
    with_tokens(&*store).await;
    commit(&*store, [Change::ServiceAccountDeleted { client_id: account(1) }]).await;
    assert_eq!(bits(&*store).await, [(0, ALL), (1, ALL), (2, ALL), (3, 1), (4, 1)]);
}

pub(crate) async fn an_account_is_deleted_with_all_that_it_had(backend: impl Backend) {
    let store = backend.open().await;
    with_tokens(&*store).await;
    commit(&*store, [Change::ServiceAccountDeleted { client_id: account(2) }]).await;
    assert!(principal_in(&*store, 2).await.is_none() && account_in(&*store, 2).await.is_none());
    assert_eq!(networks_in(&*store, 2).await, [""; 0]);
    // Made anew, it has nothing of what the old one had.
    commit(&*store, [Change::ServiceAccountCreated(service_account(2, vec![]))]).await;
    let anew = principal_in(&*store, 2).await.unwrap();
    assert_eq!((anew.credentials.len(), anew.rights.assignments.len()), (0, 0));
    assert!(anew.access_list.is_none());
    let other = principal_in(&*store, 1).await.unwrap();
    assert_eq!((other.credentials.len(), other.rights.assignments.len()), (2, 1));
}

pub(crate) async fn a_group_is_deleted_with_its_assignments(backend: impl Backend) {
    let store = backend.open().await;
    with_tokens(&*store).await;
    commit(&*store, [assigned(1, 2, GroupRole::ReadOnly.into())]).await;
    commit(&*store, [Change::GroupDeleted { group_id: group(1).id }]).await;
    assert_eq!(group_in(&*store, 1).await, None);
    assert_eq!(group_in(&*store, 2).await, Some(group(2)));
    let left = principal_in(&*store, 1).await.unwrap().rights.assignments;
    assert_eq!(left.iter().map(|to| to.group_id).collect::<Vec<_>>(), [group(2).id]);
    assert!(principal_in(&*store, 2).await.unwrap().rights.assignments.is_empty());
    assert_eq!(bits(&*store).await, [(3, 1), (4, 1)], "tokens live on");
}

pub(crate) async fn an_organization_is_deleted_with_all_that_it_owned(backend: impl Backend) {
    let store = backend.open().await;
    with_tokens(&*store).await;
    commit(&*store, [Change::OrganizationDeleted { org_id: ORG }]).await;
    assert_eq!(bits(&*store).await, [(0, ALL), (1, ALL), (2, ALL), (3, ALL), (4, 1)]);
    let snapshot = store.snapshot(NOW).await.unwrap();
    let left = |ids: Vec<String>| ids.join(" ");
    assert_eq!(
        left(snapshot.organizations.iter().map(|kept| kept.value.id.to_string()).collect()),
        OrgId::from_bytes([9; 12]).to_string()
    );
    assert_eq!(snapshot.groups, []);
    assert_eq!(
        left(snapshot.principals.iter().map(|kept| kept.client_id.to_string()).collect()),
        account(9).to_string()
    );
    assert_eq!(snapshot.principals[0].credentials.len(), 1);
    for n in [1, 2] {
        assert!(account_in(&*store, n).await.is_none());
        assert_eq!(networks_in(&*store, n).await, [""; 0]);
    }
}

pub(crate) async fn the_dead_blocks_of_a_deleted_organization_are_its_own(backend: impl Backend) {
    let store = backend.open().await;
    let list = with_tokens(&*store).await;
    // Dead as well, and no business of whoever asks for the organization's.
    commit(&*store, [Change::AccountTokensRevoked { client_id: account(9) }]).await;
    commit(&*store, [Change::OrganizationDeleted { org_id: ORG }]).await;
    let of = [TokensOf::DeletedOrganization(ORG)];
    assert_eq!(dead_blocks(&*store, &of).await, [0, 1, 2, 3].map(|block| (list, block)));
}

pub(crate) async fn the_log_outlives_what_it_tells_of(backend: impl Backend) {
    let store = backend.open().await;
    with_tokens(&*store).await;
    let before = store.entries(Seq(0), 100).await.unwrap();
    let deleted = Transaction {
        org_id: Some(ORG),
        ..transaction([
            Change::GroupDeleted { group_id: group(1).id },
            Change::ServiceAccountDeleted { client_id: account(1) },
            Change::OrganizationDeleted { org_id: ORG },
        ])
    };
    store.commit(NOW, &[deleted]).await.unwrap()[0].unwrap();
    let after = store.entries(Seq(0), 100).await.unwrap();
    assert_eq!((&after[..before.len()], after.len()), (&*before, before.len() + 3));
    let filter = EventFilter { limit: 1000, ..EventFilter::default() };
    let (events, total) = store.events(ORG, &filter).await.unwrap();
    assert_eq!((events.len(), total), (after.len(), after.len() as u64));
}
