//! What each change promises to whoever reads afterwards.

use enumset::EnumSet;
use rescind_core::{
    account::Assignment,
    id::{GroupId, OrgId},
    organization::{Group, OrgSettings, Organization},
    role::{GroupRole, OrgRole},
};
use rescind_store::{Change, Seq, Store};

use crate::{backend::Backend, samples::*};

pub(crate) async fn an_organization_is_renamed(backend: impl Backend) {
    let store = backend.open().await;
    stocked(&*store).await;
    commit(&*store, [Change::OrganizationRenamed { org_id: ORG, name: "Ümläut".to_owned() }]).await;
    let expected = Organization { name: "Ümläut".to_owned(), ..organization() };
    assert_eq!(organization_in(&*store).await.unwrap().value, expected);
}

pub(crate) async fn an_organization_has_other_settings(backend: impl Backend) {
    let store = backend.open().await;
    let strict = OrgSettings { api_access_list_required: true, max_secret_hours: Some(8766) };
    let created = Organization { settings: strict, ..organization() };
    commit(&*store, [Change::OrganizationCreated(created)]).await;
    assert_eq!(organization_in(&*store).await.unwrap().value.settings, strict);
    let rows = [
        OrgSettings { api_access_list_required: false, max_secret_hours: Some(8) },
        OrgSettings { api_access_list_required: true, max_secret_hours: None },
        OrgSettings::default(),
    ];
    for settings in rows {
        let change = Change::OrganizationSettingsChanged { org_id: ORG, settings };
        commit(&*store, [change]).await;
        let expected = Organization { settings, ..organization() };
        assert_eq!(organization_in(&*store).await.unwrap().value, expected);
    }
}

pub(crate) async fn a_group_is_renamed(backend: impl Backend) {
    let store = backend.open().await;
    stocked(&*store).await;
    let name = "other".to_owned();
    commit(&*store, [Change::GroupRenamed { group_id: group(1).id, name: name.clone() }]).await;
    assert_eq!(group_in(&*store, 1).await, Some(Group { name, ..group(1) }));
    assert_eq!(group_in(&*store, 2).await, Some(group(2)));
}

pub(crate) async fn an_account_is_described_anew(backend: impl Backend) {
    let store = backend.open().await;
    stocked(&*store).await;
    let rows = [
        (Some("other"), None, ("other", "tests")),
        (None, Some("of another use"), ("other", "of another use")),
        (Some("third"), Some("of a third use"), ("third", "of a third use")),
        (None, None, ("third", "of a third use")),
    ];
    for (name, description, expected) in rows {
        let change = Change::ServiceAccountDetailsChanged {
            client_id: account(1),
            name: name.map(str::to_owned),
            description: description.map(str::to_owned),
        };
        commit(&*store, [change]).await;
        let one = account_in(&*store, 1).await.unwrap();
        assert_eq!((&*one.name, &*one.description), expected);
    }
    let two = account_in(&*store, 2).await.unwrap();
    assert_eq!((&*two.name, &*two.description), ("account 2", "tests"));
}

pub(crate) async fn an_account_has_other_roles(backend: impl Backend) {
    let store = backend.open().await;
    stocked(&*store).await;
    let rows = [OrgRole::Member | OrgRole::GroupCreator, EnumSet::empty(), OrgRole::Owner.into()];
    for roles in rows {
        let change = Change::ServiceAccountRolesChanged { client_id: account(1), roles };
        commit(&*store, [change]).await;
        assert_eq!(account_in(&*store, 1).await.unwrap().roles, roles);
        assert_eq!(principal_in(&*store, 1).await.unwrap().rights.roles, roles);
    }
    let others = principal_in(&*store, 2).await.unwrap().rights.roles;
    assert_eq!(others, OrgRole::Owner | OrgRole::BillingReadOnly);
}

pub(crate) async fn an_account_is_assigned_and_unassigned(backend: impl Backend) {
    async fn assignments(store: &dyn Store, n: u8) -> Vec<Assignment> {
        principal_in(store, n).await.unwrap().rights.assignments.to_vec()
    }
    let to = |n, roles| Assignment { group_id: group(n).id, roles };
    let store = backend.open().await;
    stocked(&*store).await;
    assert_eq!(assignments(&*store, 1).await, [to(1, GroupRole::Owner.into())]);
    let both = GroupRole::ReadOnly | GroupRole::UserAdmin;
    commit(&*store, [assigned(1, 2, GroupRole::Owner.into()), assigned(1, 1, both)]).await;
    let all = [to(1, both), to(2, GroupRole::Owner.into())];
    assert_eq!(assignments(&*store, 1).await, all);
    let roles = EnumSet::only(GroupRole::ReadOnly);
    let assignment = Assignment { group_id: group(1).id, roles };
    commit(&*store, [Change::ServiceAccountReassigned { client_id: account(1), assignment }]).await;
    let rights = store.principal(account(1)).await.unwrap().unwrap().rights;
    let again = rights.assignments.iter().find(|assigned| assigned.group_id == group(1).id);
    assert_eq!(again.unwrap().roles, roles);
    let change = Change::ServiceAccountUnassigned { client_id: account(1), group_id: group(1).id };
    commit(&*store, [change]).await;
    assert_eq!(assignments(&*store, 1).await, all[1..]);
    assert_eq!(assignments(&*store, 2).await, [to(1, GroupRole::ReadOnly.into())]);
}

pub(crate) async fn a_new_secret_cuts_the_life_of_the_others(backend: impl Backend) {
    let store = backend.open().await;
    stocked(&*store).await;
    // The first expires before this, the second after it, and the new one is not meant.
    let others_expire_by = NOW.plus_seconds(995);
    let added = stored_secret(4, -1);
    commit(
        &*store,
        [Change::SecretAdded { client_id: account(1), secret: added, others_expire_by }],
    )
    .await;
    let expected = [
        (secret(1), NOW.plus_seconds(990)),
        (secret(2), others_expire_by),
        (secret(4), NOW.plus_seconds(1001)),
    ];
    let principal = principal_in(&*store, 1).await.unwrap();
    let credentials = principal.credentials.iter().map(|kept| (kept.id, kept.expires_at));
    assert_eq!(credentials.collect::<Vec<_>>(), expected);
    let one = account_in(&*store, 1).await.unwrap();
    let secrets = one.secrets.iter().map(|kept| (kept.id, kept.expires_at));
    assert_eq!(secrets.collect::<Vec<_>>(), expected);
    assert_eq!(one.secrets[2].hash.as_bytes(), &[4; 32]);
    assert_eq!(one.secrets[2].last_four, "0004");
    let two = account_in(&*store, 2).await.unwrap();
    assert_eq!(two.secrets[0].expires_at, NOW.plus_seconds(1000));
}

pub(crate) async fn an_access_list_grows_and_shrinks(backend: impl Backend) {
    let store = backend.open().await;
    stocked(&*store).await;
    let allows = async |address: &str| {
        let list = principal_in(&*store, 1).await.unwrap().access_list;
        list.map(|list| list.find(address.parse().unwrap()).is_some())
    };
    assert_eq!(allows("192.0.2.1").await, None);
    let networks = ["203.0.113.7/32", "198.51.100.0/24", "2001:db8::/32"];
    commit(&*store, networks.map(|network| listed(1, network))).await;
    assert_eq!(networks_in(&*store, 1).await, networks);
    let rows = [
        ("203.0.113.7", true),
        ("203.0.113.8", false),
        ("198.51.100.255", true),
        ("2001:db8::1", true),
        ("192.0.2.1", false),
    ];
    for (address, allowed) in rows {
        assert_eq!(allows(address).await, Some(allowed), "row: {address}");
    }
    let gone = |network: &str| {
        let network = network.parse().unwrap();
        Change::AccessListEntryDeleted { owner: account(1).into(), network }
    };
    commit(&*store, [gone(networks[0])]).await;
    assert_eq!(networks_in(&*store, 1).await, networks[1..]);
    assert_eq!(allows("203.0.113.7").await, Some(false));
    commit(&*store, [gone(networks[1]), gone(networks[2])]).await;
    assert_eq!(allows("203.0.113.7").await, None, "a list without entries is none");
    assert_eq!(networks_in(&*store, 2).await, ["192.0.2.0/24"]);
}

pub(crate) async fn an_entry_that_is_there_stays_as_it_is(backend: impl Backend) {
    let store = backend.open().await;
    stocked(&*store).await;
    let before = store.access_entries(account(2).into()).await.unwrap();
    assert_eq!((before[0].created_at, before[0].request_count), (NOW, 0));
    let again = transaction([listed(2, "192.0.2.0/25"), listed(2, "192.0.2.0/24")]);
    let later = NOW.plus_seconds(60);
    store.commit(later, &[again]).await.unwrap()[0].unwrap();
    let [old, new] = store.access_entries(account(2).into()).await.unwrap().try_into().unwrap();
    assert_eq!(old, before[0]);
    assert_eq!((new.network.to_string().as_str(), new.created_at), ("192.0.2.0/25", later));
}

/// What was decided cannot be done, and nobody may be told that it was.
pub(crate) async fn what_is_not_there_cannot_be_changed(backend: impl Backend) {
    let store = backend.open().await;
    stocked(&*store).await;
    let (org_id, group_id) = (OrgId::from_bytes([9; 12]), GroupId::from_bytes([9; 12]));
    let (client_id, name) = (account(9), "nobody".to_owned());
    let others_expire_by = NOW;
    let network = "203.0.113.7/32".parse().unwrap();
    let settings = OrgSettings::default();
    let roles = OrgRole::Member.into();
    let rows = [
        Change::OrganizationRenamed { org_id, name: name.clone() },
        Change::OrganizationSettingsChanged { org_id, settings },
        Change::OrganizationDeleted { org_id },
        Change::GroupCreated(Group { org_id, ..group(3) }),
        Change::GroupRenamed { group_id, name: name.clone() },
        Change::GroupDeleted { group_id },
        Change::ServiceAccountDetailsChanged { client_id, name: Some(name), description: None },
        Change::ServiceAccountRolesChanged { client_id, roles },
        Change::ServiceAccountDeleted { client_id },
        assigned(9, 1, GroupRole::Owner.into()),
        assigned(1, 9, GroupRole::Owner.into()),
        Change::ServiceAccountUnassigned { client_id, group_id: group(1).id },
        Change::ServiceAccountUnassigned { client_id: account(1), group_id: group(2).id },
        Change::SecretAdded { client_id, secret: stored_secret(4, 0), others_expire_by },
        Change::SecretDeleted { client_id: account(1), secret_id: secret(9) },
        Change::SecretDeleted { client_id: account(2), secret_id: secret(1) },
        listed(9, "203.0.113.7/32"),
        Change::AccessListEntryDeleted { owner: account(1).into(), network },
        Change::AccessListEntryDeleted { owner: client_id.into(), network },
    ];
    let before = format!("{:?}", store.snapshot(NOW).await.unwrap());
    for change in rows {
        let row = format!("{change:?}");
        let shown = Change::OrganizationRenamed { org_id: ORG, name: "changed".to_owned() };
        let batch = [transaction([shown]), transaction([change])];
        assert!(store.commit(NOW, &batch).await.is_err(), "row: {row}");
        assert_eq!(format!("{:?}", store.snapshot(NOW).await.unwrap()), before, "row: {row}");
    }
    assert_eq!(store.entries(Seq(8), 100).await.unwrap(), []);
}
