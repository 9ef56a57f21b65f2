//! What is promised to whoever reads an organization's log.

use rescind_core::{
    account::Assignment,
    clock::UnixTime,
    id::OrgId,
    organization::{OrgSettings, Organization},
    role::{GroupRole, OrgRole},
};
use rescind_store::{Change, Entry, Event, EventFilter, Seq, Store, Transaction};

use crate::{backend::Backend, samples::*};

const ELSEWHERE: OrgId = OrgId::from_bytes([9; 12]);

fn everything() -> EventFilter {
    EventFilter { limit: 1000, ..EventFilter::default() }
}

fn numbers(entries: &[Entry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.seq.0).collect()
}

/// Entries 1 to 8 of one organization, 9 of another, 10 of none.
async fn three_logs(store: &dyn Store) {
    stocked(store).await;
    let foreign = Change::OrganizationCreated(Organization { id: ELSEWHERE, ..organization() });
    let revoked = Change::AccountTokensRevoked { client_id: account(1) };
    let batch = [
        Transaction { org_id: Some(ELSEWHERE), ..transaction([foreign]) },
        Transaction { org_id: None, ..transaction([revoked]) },
    ];
    store.commit(NOW, &batch).await.unwrap();
}

pub(crate) async fn the_log_of_an_organization_is_its_own(backend: impl Backend) {
    let store = backend.open().await;
    three_logs(&*store).await;
    let (entries, total) = store.events(ORG, &everything()).await.unwrap();
    assert_eq!((numbers(&entries), total), (vec![8, 7, 6, 5, 4, 3, 2, 1], 8));
    let mut reversed = store.entries(Seq(0), 8).await.unwrap();
    reversed.reverse();
    assert_eq!(entries, reversed);
    assert!(entries.iter().all(|entry| entry.org_id == Some(ORG)));
    let (entries, total) = store.events(ELSEWHERE, &everything()).await.unwrap();
    assert_eq!((numbers(&entries), total), (vec![9], 1));
    let nowhere = OrgId::from_bytes([7; 12]);
    assert_eq!(store.events(nowhere, &everything()).await.unwrap(), (vec![], 0));
    // Another organization's project tells nothing either.
    let filter = EventFilter { group_id: Some(group(1).id), ..everything() };
    assert_eq!(store.events(ELSEWHERE, &filter).await.unwrap(), (vec![], 0));
}

pub(crate) async fn pages_go_from_the_newest_to_the_oldest(backend: impl Backend) {
    let store = backend.open().await;
    three_logs(&*store).await;
    let rows = [
        (0, 3, vec![8, 7, 6]),
        (3, 3, vec![5, 4, 3]),
        (6, 3, vec![2, 1]),
        (8, 3, vec![]),
        (u64::MAX, 3, vec![]),
        (0, 0, vec![]),
        (7, u32::MAX, vec![1]),
    ];
    for (offset, limit, expected) in rows {
        let filter = EventFilter { offset, limit, ..EventFilter::default() };
        let (entries, total) = store.events(ORG, &filter).await.unwrap();
        assert_eq!((numbers(&entries), total), (expected, 8), "row: {limit} after {offset}");
    }
}

pub(crate) async fn events_are_filtered_by_group_type_and_time(backend: impl Backend) {
    let store = backend.open().await;
    three_logs(&*store).await;
    let later = NOW.plus_seconds(100);
    let renamed = |n| Change::GroupRenamed { group_id: group(n).id, name: "other".to_owned() };
    let batch = [transaction([renamed(1), renamed(2)])]; // 11 and 12
    store.commit(later, &batch).await.unwrap();
    let unassigned =
        Change::ServiceAccountUnassigned { client_id: account(1), group_id: group(1).id };
    store.commit(later.plus_seconds(1), &[transaction([unassigned])]).await.unwrap(); // 13

    let of = |n: u8| Some(group(n).id);
    let types = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let all = everything;
    let rows: Vec<(&str, EventFilter, Vec<u64>)> = vec![
        ("a project", EventFilter { group_id: of(1), ..all() }, vec![13, 11, 7, 6, 2]),
        ("another", EventFilter { group_id: of(2), ..all() }, vec![12, 3]),
        ("no project", EventFilter { group_id: of(3), ..all() }, vec![]),
        ("a type", EventFilter { types: types(&["GROUP_CREATED"]), ..all() }, vec![3, 2]),
        (
            "two types",
            EventFilter { types: types(&["GROUP_RENAMED", "SERVICE_ACCOUNT_CREATED"]), ..all() },
            vec![12, 11, 5, 4],
        ),
        ("an unknown type", EventFilter { types: types(&["NOTHING"]), ..all() }, vec![]),
        ("not in part", EventFilter { types: types(&["GROUP"]), ..all() }, vec![]),
        ("no SQL", EventFilter { types: types(&["') OR 1=1 --", "\"]"]), ..all() }, vec![]),
        ("from", EventFilter { from: Some(later), ..all() }, vec![13, 12, 11]),
        ("after", EventFilter { from: Some(later.plus_seconds(1)), ..all() }, vec![13]),
        ("never", EventFilter { from: Some(later.plus_seconds(2)), ..all() }, vec![]),
        ("to", EventFilter { to: Some(NOW), ..all() }, vec![8, 7, 6, 5, 4, 3, 2, 1]),
        ("before", EventFilter { to: Some(NOW.plus_seconds(-1)), ..all() }, vec![]),
        (
            "between",
            EventFilter { from: Some(NOW.plus_seconds(1)), to: Some(later), ..all() },
            vec![12, 11],
        ),
        ("backwards", EventFilter { from: Some(later), to: Some(NOW), ..all() }, vec![]),
        (
            "ever",
            EventFilter {
                from: Some(UnixTime::from_second(i64::MIN)),
                to: Some(UnixTime::from_second(i64::MAX)),
                ..all()
            },
            vec![13, 12, 11, 8, 7, 6, 5, 4, 3, 2, 1],
        ),
        (
            "all at once",
            EventFilter {
                group_id: of(1),
                types: types(&["GROUP_RENAMED", "GROUP_CREATED"]),
                from: Some(later),
                to: Some(later),
                ..all()
            },
            vec![11],
        ),
    ];
    for (row, filter, expected) in rows {
        let (entries, total) = store.events(ORG, &filter).await.unwrap();
        assert_eq!(total, expected.len() as u64, "row: {row}");
        assert_eq!(numbers(&entries), expected, "row: {row}");
        // A page of it is a part of it, of the same whole.
        let page = EventFilter { offset: 1, limit: 1, ..filter };
        let (entries, total) = store.events(ORG, &page).await.unwrap();
        assert_eq!(total, expected.len() as u64, "row: {row}, second");
        assert_eq!(numbers(&entries), expected.get(1).copied().into_iter().collect::<Vec<_>>());
    }
}

/// Revocations are nearly all of a log, and may be looked up in another way than what is seldom.
pub(crate) async fn what_fills_the_log_and_what_is_seldom_are_found_alike(backend: impl Backend) {
    let store = backend.open().await;
    stocked(&*store).await;
    let list = open_list(&*store, 0).await; // 9
    commit(&*store, [taken(list, 0, 1, (1, 1)), revoked(list, 3), revoked(list, 5)]).await;
    let rows = [
        (vec!["TOKEN_REVOKED"], vec![12, 11]),
        (vec!["GROUP_CREATED"], vec![3, 2]),
        (vec!["GROUP_CREATED", "TOKEN_REVOKED"], vec![12, 11, 3, 2]),
        (vec!["BLOCKS_TAKEN", "STATUS_LIST_OPENED"], vec![10, 9]),
    ];
    for (types, expected) in rows {
        let types = types.into_iter().map(str::to_owned).collect();
        let filter = EventFilter { types, ..everything() };
        let (entries, total) = store.events(ORG, &filter).await.unwrap();
        assert_eq!(numbers(&entries), expected, "{:?}", filter.types);
        assert_eq!(total, expected.len() as u64, "{:?}", filter.types);
        assert_eq!(store.events(ELSEWHERE, &filter).await.unwrap(), (vec![], 0));
    }
}

/// By the contract's name, for those that it names (service-accounts-api.md 10), and with what
/// it is about.
pub(crate) async fn every_change_is_logged_by_its_name(backend: impl Backend) {
    let store = backend.open().await;
    stocked(&*store).await;
    let (org_id, client_id, group_id) = (ORG, account(1), group(1).id);
    let name = "other".to_owned();
    let network = "203.0.113.0/24".parse().unwrap();
    let settings = OrgSettings::default();
    let roles = OrgRole::Owner | OrgRole::Member;
    let role_names = vec![OrgRole::Owner.to_string(), OrgRole::Member.to_string()];
    let again = Assignment { group_id, roles: GroupRole::Owner.into() };
    let (added, others_expire_by) = (stored_secret(4, 0), NOW);
    let rows = [
        (
            Change::OrganizationRenamed { org_id, name: name.clone() },
            "ORGANIZATION_RENAMED",
            Event::OrganizationRenamed { org_id, name: name.clone() },
        ),
        (
            Change::OrganizationSettingsChanged { org_id, settings },
            "ORGANIZATION_SETTINGS_CHANGED",
            Event::OrganizationSettingsChanged { org_id },
        ),
        (
            Change::GroupRenamed { group_id, name: name.clone() },
            "GROUP_RENAMED",
            Event::GroupRenamed { group_id, name: name.clone() },
        ),
        (
            Change::ServiceAccountDetailsChanged { client_id, name: Some(name), description: None },
            "SERVICE_ACCOUNT_DETAILS_CHANGED",
            Event::ServiceAccountDetailsChanged { client_id },
        ),
        (
            Change::ServiceAccountRolesChanged { client_id, roles },
            "SERVICE_ACCOUNT_ROLES_CHANGED",
            Event::ServiceAccountRolesChanged { client_id, group_id: None, roles: role_names },
        ),
        (
            assigned(1, 1, GroupRole::ReadOnly.into()),
            "SERVICE_ACCOUNT_ADDED_TO_GROUP",
            Event::ServiceAccountAddedToGroup {
                client_id,
                group_id,
                roles: vec![GroupRole::ReadOnly.to_string()],
            },
        ),
        (
            Change::ServiceAccountReassigned { client_id, assignment: again },
            "SERVICE_ACCOUNT_ROLES_CHANGED",
            Event::ServiceAccountRolesChanged {
                client_id,
                group_id: Some(group_id),
                roles: vec![GroupRole::Owner.to_string()],
            },
        ),
        (
            Change::ServiceAccountUnassigned { client_id, group_id },
            "SERVICE_ACCOUNT_REMOVED_FROM_GROUP",
            Event::ServiceAccountRemovedFromGroup { client_id, group_id },
        ),
        (
            Change::SecretAdded { client_id, secret: added, others_expire_by },
            "SERVICE_ACCOUNT_SECRET_ADDED",
            Event::ServiceAccountSecretAdded { client_id, secret_id: secret(4) },
        ),
        (
            Change::SecretDeleted { client_id, secret_id: secret(4) },
            "SERVICE_ACCOUNT_SECRET_DELETED",
            Event::ServiceAccountSecretDeleted { client_id, secret_id: secret(4) },
        ),
        (
            Change::AccessListEntryAdded { owner: client_id.into(), network },
            "SERVICE_ACCOUNT_ACCESS_LIST_ENTRY_ADDED",
            Event::ServiceAccountAccessListEntryAdded { client_id, network },
        ),
        (
            Change::AccessListEntryDeleted { owner: client_id.into(), network },
            "SERVICE_ACCOUNT_ACCESS_LIST_ENTRY_DELETED",
            Event::ServiceAccountAccessListEntryDeleted { client_id, network },
        ),
        (
            Change::ServiceAccountDeleted { client_id },
            "SERVICE_ACCOUNT_DELETED",
            Event::ServiceAccountDeleted { client_id },
        ),
        (Change::GroupDeleted { group_id }, "GROUP_DELETED", Event::GroupDeleted { group_id }),
        (
            Change::OrganizationDeleted { org_id },
            "ORGANIZATION_DELETED",
            Event::OrganizationDeleted { org_id },
        ),
    ];
    are_logged(&*store, rows).await;
}

pub(crate) async fn every_change_of_an_api_key_is_logged_by_its_name(backend: impl Backend) {
    let store = backend.open().await;
    stocked(&*store).await;
    let api_key_id = api_key(1);
    let network = "203.0.113.0/24".parse().unwrap();
    let roles = OrgRole::Owner | OrgRole::Member;
    let role_names = vec![OrgRole::Owner.to_string(), OrgRole::Member.to_string()];
    let rows = [
        (
            Change::ApiKeyCreated(stored_key(1)),
            "API_KEY_CREATED",
            Event::ApiKeyCreated { api_key_id },
        ),
        (
            Change::ApiKeyDescriptionChanged { api_key_id, description: "d".to_owned() },
            "API_KEY_DESCRIPTION_CHANGED",
            Event::ApiKeyDescriptionChanged { api_key_id },
        ),
        (
            Change::ApiKeyRolesChanged { api_key_id, roles },
            "API_KEY_ROLES_CHANGED",
            Event::ApiKeyRolesChanged { api_key_id, roles: role_names },
        ),
        (
            Change::AccessListEntryAdded { owner: api_key_id.into(), network },
            "API_KEY_ACCESS_LIST_ENTRY_ADDED",
            Event::ApiKeyAccessListEntryAdded { api_key_id, network },
        ),
        (
            Change::AccessListEntryDeleted { owner: api_key_id.into(), network },
            "API_KEY_ACCESS_LIST_ENTRY_DELETED",
            Event::ApiKeyAccessListEntryDeleted { api_key_id, network },
        ),
        (
            Change::ApiKeyDeleted { api_key_id },
            "API_KEY_DELETED",
            Event::ApiKeyDeleted { api_key_id },
        ),
    ];
    are_logged(&*store, rows).await;
}

async fn are_logged(
    store: &dyn Store,
    rows: impl IntoIterator<Item = (Change, &'static str, Event)>,
) {
    for (change, name, event) in rows {
        let seq = commit(store, [change]).await;
        let filter = EventFilter { types: vec![name.to_owned()], ..everything() };
        let (entries, total) = store.events(ORG, &filter).await.unwrap();
        assert_eq!((total, entries[0].seq), (entries.len() as u64, seq), "row: {name}");
        assert_eq!(entries[0].event, event, "row: {name}");
        // Whoever follows the log reads the same.
        assert_eq!(store.entries(Seq(seq.0 - 1), 1).await.unwrap(), entries[..1], "row: {name}");
    }
}
