//! Memory is what the store says: after every change of a random history, an authority that has
//! just been started on the same store gives the same answers.

use std::{collections::BTreeSet, net::IpAddr, sync::Arc};

use ipnet::IpNet;
use proptest::prelude::*;
use rescind_authority::{AccountChange, ApiKeyChange, Authority, Range, Scope, start};
use rescind_core::{
    id::{ClientId, GroupId, SecretId},
    organization::OrgSettings,
    random::SystemRandom,
    role::{GroupRole, OrgRole},
    secret::ClientSecret,
    text::Name,
    token::AccessToken,
};

use super::{group_roles, new_account, org_roles};
use crate::support::{ADDRESS, Key, World};

/// A change by the owner; whatever an index picks is of those that there are by then.
#[derive(Clone, Debug)]
enum Step {
    Create { in_group: bool, owner: bool },
    Rename(prop::sample::Index),
    SetRoles(prop::sample::Index, bool),
    Delete(prop::sample::Index),
    Assign(prop::sample::Index, prop::sample::Index, bool),
    Unassign(prop::sample::Index, prop::sample::Index),
    AddSecret(prop::sample::Index),
    DeleteSecret(prop::sample::Index),
    AddEntry(prop::sample::Index, u8),
    DeleteEntry(prop::sample::Index, u8),
    RevokeAll(prop::sample::Index),
    Key(KeyStep),
    CreateGroup,
    RenameGroup(prop::sample::Index),
    DeleteGroup(prop::sample::Index),
    SetOrg(bool),
    RenameOrg,
}

/// The same of API keys.
#[derive(Clone, Debug)]
enum KeyStep {
    Create(bool),
    SetRoles(prop::sample::Index, bool),
    Delete(prop::sample::Index),
    AddEntry(prop::sample::Index, u8),
    DeleteEntry(prop::sample::Index, u8),
}

fn key_step() -> impl Strategy<Value = KeyStep> {
    let any = any::<prop::sample::Index>;
    prop_oneof![
        3 => any_bool().prop_map(KeyStep::Create),
        1 => (any(), any_bool()).prop_map(|(key, owner)| KeyStep::SetRoles(key, owner)),
        1 => any().prop_map(KeyStep::Delete),
        2 => (any(), 0..4_u8).prop_map(|(key, n)| KeyStep::AddEntry(key, n)),
        1 => (any(), 0..4_u8).prop_map(|(key, n)| KeyStep::DeleteEntry(key, n)),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let any = any::<prop::sample::Index>;
    prop_oneof![
        4 => (any_bool(), any_bool()).prop_map(|(in_group, owner)| Step::Create { in_group, owner }),
        1 => any().prop_map(Step::Rename),
        2 => (any(), any_bool()).prop_map(|(account, owner)| Step::SetRoles(account, owner)),
        2 => any().prop_map(Step::Delete),
        4 => (any(), any(), any_bool()).prop_map(|(a, g, owner)| Step::Assign(a, g, owner)),
        2 => (any(), any()).prop_map(|(account, group)| Step::Unassign(account, group)),
        2 => any().prop_map(Step::AddSecret),
        2 => any().prop_map(Step::DeleteSecret),
        3 => (any(), 0..4_u8).prop_map(|(account, n)| Step::AddEntry(account, n)),
        2 => (any(), 0..4_u8).prop_map(|(account, n)| Step::DeleteEntry(account, n)),
        1 => any().prop_map(Step::RevokeAll),
        8 => key_step().prop_map(Step::Key),
        2 => Just(Step::CreateGroup),
        1 => any().prop_map(Step::RenameGroup),
        1 => any().prop_map(Step::DeleteGroup),
        1 => any_bool().prop_map(Step::SetOrg),
        1 => Just(Step::RenameOrg),
    ]
}

fn any_bool() -> impl Strategy<Value = bool> {
    any::<bool>()
}

fn network(n: u8) -> IpNet {
    IpNet::from(IpAddr::from([192, 0, 2, n]))
}

struct Model {
    world: World,
    owner: AccessToken,
    accounts: Vec<ClientId>,
    /// At least one.
    keys: Vec<Key>,
    groups: Vec<GroupId>,
    secrets: Vec<(ClientId, SecretId, ClientSecret)>,
    tokens: Vec<AccessToken>,
}

impl Model {
    async fn new() -> Self {
        let world = World::new().await;
        let owner = world.issue(&world.owner, 1).await.remove(0);
        let members = [&world.owner, &world.me, &world.colleague];
        let accounts = members.iter().map(|account| account.client_id).collect();
        let secrets = members.iter().flat_map(|account| {
            account.secrets.iter().map(|(id, text)| (account.client_id, *id, text.clone()))
        });
        let (secrets, groups) = (secrets.collect(), vec![world.group_id]);
        let keys = vec![Key::of(&world, OrgRole::Member).await];
        Self { world, owner, accounts, keys, groups, secrets, tokens: Vec::new() }
    }

    /// Whether it was done: not everything can be, and what cannot must change nothing.
    async fn step(&mut self, step: &Step) -> bool {
        let (authority, org_id) = (self.world.authority.clone(), self.world.org_id);
        let owner = authority.authorize(self.owner.expose(), ADDRESS).unwrap();
        let org = Scope::Org(org_id);
        let account = |index: &prop::sample::Index| *index.get(&self.accounts);
        let group = |index: &prop::sample::Index| *index.get(&self.groups);
        let name = Name::parse("renamed").unwrap();
        match step {
            Step::Create { in_group, owner: owns } => {
                let (scope, roles) = if *in_group {
                    (Scope::Group(self.groups[0]), group_roles(GroupRole::ReadOnly))
                } else if *owns {
                    (org, org_roles(OrgRole::Owner))
                } else {
                    (org, org_roles(OrgRole::Member))
                };
                let created = authority.create_account(&owner, scope, &new_account(roles)).await;
                let Ok((created, secret)) = created else { return false };
                let (client_id, secret) = (created.account.client_id, secret.unwrap());
                self.accounts.push(client_id);
                self.secrets.push((client_id, secret.secret.id, secret.plain));
                true
            }
            Step::Rename(index) => {
                let change = AccountChange { name: Some(name), ..AccountChange::default() };
                authority.change_account(&owner, org, account(index), &change).await.is_ok()
            }
            Step::SetRoles(index, owns) => {
                let role = if *owns { OrgRole::Owner } else { OrgRole::ReadOnly };
                let roles = Some(org_roles(role));
                let change = AccountChange { roles, ..AccountChange::default() };
                let id = account(index);
                let its_own = Some(id) == owner.client_id(); // it must go on
                !its_own && authority.change_account(&owner, org, id, &change).await.is_ok()
            }
            Step::Delete(index) => {
                let id = account(index);
                let its_own = Some(id) == owner.client_id();
                !its_own && authority.delete_account(&owner, org_id, id).await.is_ok()
            }
            Step::Assign(index, to, owns) => {
                let role = if *owns { GroupRole::Owner } else { GroupRole::ReadOnly };
                let (id, to) = (account(index), group(to));
                authority.assign(&owner, to, id, role.into()).await.is_ok()
            }
            Step::Unassign(index, from) => {
                authority.unassign(&owner, group(from), account(index)).await.is_ok()
            }
            Step::AddSecret(index) => {
                let client_id = account(index);
                let added = authority.add_secret(&owner, org, client_id, 24).await;
                let Ok(added) = added else { return false };
                self.secrets.push((client_id, added.secret.id, added.plain));
                true
            }
            Step::DeleteSecret(index) => {
                let (client_id, secret_id, _) = *index.get(&self.secrets);
                let its_own = Some(client_id) == owner.client_id();
                let deleted = authority.delete_secret(&owner, org, client_id, secret_id);
                !its_own && deleted.await.is_ok()
            }
            Step::AddEntry(index, n) => {
                let id = account(index);
                let added = BTreeSet::from([network(*n), IpNet::from(ADDRESS)]);
                authority.add_access_entries(&owner, org, id, &added).await.is_ok()
            }
            Step::DeleteEntry(index, n) => {
                let id = account(index);
                authority.delete_access_entry(&owner, org, id, network(*n)).await.is_ok()
            }
            Step::RevokeAll(index) => {
                let id = account(index);
                let its_own = Some(id) == owner.client_id();
                !its_own && authority.revoke_all(&owner, org_id, id, None).await.is_ok()
            }
            Step::Key(step) => self.key_step(step).await,
            Step::CreateGroup => {
                let group = authority.create_group(&owner, org_id, &name).await.unwrap();
                self.groups.push(group.id);
                true
            }
            Step::RenameGroup(index) => {
                authority.rename_group(&owner, group(index), &name).await.is_ok()
            }
            Step::DeleteGroup(index) => authority.delete_group(&owner, group(index)).await.is_ok(),
            Step::SetOrg(shorter) => {
                let max_secret_hours = shorter.then_some(100);
                let set = |settings| OrgSettings { max_secret_hours, ..settings };
                authority.change_org_settings(&owner, org_id, set).await.is_ok()
            }
            Step::RenameOrg => authority.rename_organization(&owner, org_id, &name).await.is_ok(),
        }
    }

    async fn key_step(&mut self, step: &KeyStep) -> bool {
        let (authority, org_id) = (self.world.authority.clone(), self.world.org_id);
        let owner = authority.authorize(self.owner.expose(), ADDRESS).unwrap();
        let org = Scope::Org(org_id);
        let key = |index: &prop::sample::Index| index.get(&self.keys).id;
        match step {
            KeyStep::Create(owns) => {
                let role = if *owns { OrgRole::Owner } else { OrgRole::Member };
                let new = Key::to_be_made(role);
                let made = authority.create_api_key(&owner, org_id, &new).await.unwrap();
                self.keys.push(made.into());
                true
            }
            KeyStep::SetRoles(index, owns) => {
                let role = if *owns { OrgRole::Owner } else { OrgRole::ReadOnly };
                let change = ApiKeyChange { roles: Some(role.into()), ..ApiKeyChange::default() };
                authority.change_api_key(&owner, org_id, key(index), &change).await.is_ok()
            }
            KeyStep::Delete(index) => {
                authority.delete_api_key(&owner, org_id, key(index)).await.is_ok()
            }
            KeyStep::AddEntry(index, n) => {
                let added = BTreeSet::from([network(*n), IpNet::from(ADDRESS)]);
                authority.add_access_entries(&owner, org, key(index), &added).await.is_ok()
            }
            KeyStep::DeleteEntry(index, n) => {
                authority.delete_access_entry(&owner, org, key(index), network(*n)).await.is_ok()
            }
        }
    }

    /// A token of every secret that still authenticates.
    async fn issue(&mut self) {
        for (client_id, _, secret) in &self.secrets {
            let authority = &self.world.authority;
            let client = authority.authenticate(&client_id.to_string(), secret.expose(), ADDRESS);
            if let Ok(client) = client {
                self.tokens.push(authority.issue(&client).await.unwrap());
            }
        }
    }

    /// All that `authority` says, as one text.
    async fn said_by(&self, authority: &Authority) -> Vec<String> {
        let owner = authority.authorize(self.owner.expose(), ADDRESS).unwrap();
        let all = Range { offset: 0, limit: 500 };
        let mut said = vec![
            format!("{:?}", authority.organizations(&owner)),
            format!("{:?}", authority.groups(&owner, all)),
        ];
        let groups = self.groups.iter().map(|id| Scope::Group(*id));
        for scope in groups.chain([Scope::Org(self.world.org_id)]) {
            let accounts = authority.accounts(&owner, scope, all).await.map_err(|e| e.to_string());
            said.push(format!("{scope:?}: {accounts:?}"));
        }
        for id in &self.accounts {
            let assignments = authority.assignments(&owner, self.world.org_id, *id);
            said.push(format!("{id} is assigned: {:?}", assignments.map_err(|e| e.to_string())));
        }
        for (client_id, secret_id, secret) in &self.secrets {
            for address in [ADDRESS, IpAddr::from([192, 0, 2, 1])] {
                let id = client_id.to_string();
                let client = authority.authenticate(&id, secret.expose(), address);
                let client = client.map(|client| client.principal().clone());
                said.push(format!("{secret_id} from {address}: {client:?}"));
            }
        }
        let keys = authority.api_keys(&owner, self.world.org_id, all).await.unwrap();
        said.push(format!("{keys:?}"));
        for key in &self.keys {
            for address in [ADDRESS, IpAddr::from([192, 0, 2, 1])] {
                let caller = key.try_from(authority, address);
                let rights = caller.map(|caller| caller.rights().clone());
                said.push(format!("{} from {address}: {rights:?}", key.id));
            }
        }
        for token in &self.tokens {
            let caller = authority.authorize(token.expose(), ADDRESS);
            said.push(format!("{:?}", caller.map(|caller| caller.rights().clone())));
        }
        said
    }

    async fn fresh(&self) -> Authority {
        let world = &self.world;
        let (store, settings, clock) =
            (world.store.clone(), world.settings.clone(), world.clock.clone());
        start(store, &world.key, settings, clock, Arc::new(SystemRandom)).await.unwrap()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn memory_is_what_the_store_says(steps in prop::collection::vec(step(), 1..30)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut model = Model::new().await;
            model.issue().await;
            for step in &steps {
                let before = model.said_by(&model.world.authority).await;
                let done = model.step(step).await;
                let now = model.said_by(&model.world.authority).await;
                assert_eq!(now, model.said_by(&model.fresh().await).await, "{step:?}");
                assert!(done || now == before, "{step:?} was refused and changed something");
                model.issue().await;
            }
        });
    }
}
