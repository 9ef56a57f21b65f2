//! What is held in memory: all that a request needs, so that none waits for a disk to read.
//!
//! It is filled from a snapshot and then follows the change log, in order and without a gap.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use arc_swap::Guard;
use foldhash::fast::RandomState;
use rescind_core::{
    account::Principal,
    api_key::{ApiKeyPrincipal, PublicKey},
    clock::UnixTime,
    data_keys::DataKeys,
    id::{ApiKeyId, ClientId, GroupId, OrgId, PrincipalId},
    key_ring::KeyRing,
    organization::{Group, Organization},
    signing::OpenKeyError,
    status_list::{BlockRef, ListId, StatusList, StatusRef, Term},
};
use rescind_store::{Event, Seq, Snapshot, Store, StoreError, Versioned};

use crate::{
    Effects, effects::Gathered, member::Member, members::Members, population::Population,
    signing_keys::SigningKeys,
};

/// Hashed quickly, since all keys are of our own making: nobody can choose them to collide.
type Map<K, V> = papaya::HashMap<K, V, RandomState>;

/// The memory of an authority.
pub(crate) struct View {
    /// The last entry of the log that is included.
    seq: AtomicU64,
    /// The last entry of which something may be seen already.
    showing: AtomicU64,
    organizations: Map<OrgId, Arc<Versioned<Organization>>>,
    members: Map<OrgId, Arc<RwLock<Members>>>,
    groups: Map<GroupId, Arc<Group>>,
    principals: Map<ClientId, Arc<Principal>>,
    api_keys: Map<ApiKeyId, Arc<ApiKeyPrincipal>>,
    public_keys: Map<PublicKey, ApiKeyId>,
    lists: Map<ListId, Arc<StatusList>>,
    signing_keys: SigningKeys,
}

/// What is to be read again from the store.
#[derive(Default)]
struct Changed {
    members: BTreeSet<PrincipalId>,
    organizations: BTreeSet<OrgId>,
}

/// How many lists there are, and what they hold.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ListCount {
    pub(crate) lists: u64,
    /// Bits that are set.
    pub(crate) revoked: u64,
}

impl View {
    /// The memory that a population and a snapshot describe.
    ///
    /// # Errors
    ///
    /// [`OpenKeyError`] when the signing keys are of no use.
    pub(crate) fn new(
        mut population: Population,
        snapshot: Snapshot,
        data_keys: Arc<DataKeys>,
    ) -> Result<Self, OpenKeyError> {
        let signing_keys = SigningKeys::new(data_keys, &snapshot.signing_keys)?;
        let lists = snapshot.lists.into_iter().map(|saved| {
            let list = StatusList::new(saved.term);
            saved.revoked.iter().for_each(|(block, mask)| list.set(*block, *mask));
            (saved.id, Arc::new(list))
        });
        let api_keys: Vec<_> = snapshot.api_keys.into_iter().map(Arc::new).collect();
        for key in &api_keys {
            population.enter(&Member::ApiKey(Arc::clone(key)));
        }
        let Population { accounts, mut members } = population;
        for group in &snapshot.groups {
            members.entry(group.org_id).or_default().insert_group(group.id);
        }
        Ok(Self {
            seq: AtomicU64::new(snapshot.seq.0),
            showing: AtomicU64::new(snapshot.seq.0),
            organizations: snapshot
                .organizations
                .into_iter()
                .map(|organization| (organization.value.id, organization.into()))
                .collect(),
            members: members
                .into_iter()
                .map(|(org_id, members)| (org_id, Arc::new(RwLock::new(members))))
                .collect(),
            groups: snapshot.groups.into_iter().map(|g| (g.id, g.into())).collect(),
            principals: accounts.into_iter().collect(),
            public_keys: api_keys.iter().map(|key| (key.public_key, key.id)).collect(),
            api_keys: api_keys.into_iter().map(|key| (key.id, key)).collect(),
            lists: lists.collect(),
            signing_keys,
        })
    }

    /// The last entry of the log that is included.
    pub(crate) fn seq(&self) -> Seq {
        Seq(self.seq.load(Ordering::Acquire))
    }

    /// The last entry of which something may be seen already: whoever finds a token dead finds the
    /// entry that killed it among those up to here.
    pub(crate) fn showing(&self) -> Seq {
        Seq(self.showing.load(Ordering::Acquire))
    }

    /// The keys that tokens are signed and verified with.
    pub(crate) fn keys(&self) -> Guard<Arc<KeyRing>> {
        self.signing_keys.ring()
    }

    pub(crate) fn principal(&self, id: ClientId) -> Option<Arc<Principal>> {
        self.principals.pin().get(&id).cloned()
    }

    pub(crate) fn api_key(&self, id: ApiKeyId) -> Option<Arc<ApiKeyPrincipal>> {
        self.api_keys.pin().get(&id).cloned()
    }

    /// The API key that logs in with this name.
    pub(crate) fn key_named(&self, public_key: PublicKey) -> Option<Arc<ApiKeyPrincipal>> {
        let id = self.public_keys.pin().get(&public_key).copied()?;
        self.api_key(id)
    }

    pub(crate) fn member(&self, id: PrincipalId) -> Option<Member> {
        match id {
            PrincipalId::Account(client_id) => self.principal(client_id).map(Member::Account),
            PrincipalId::ApiKey(id) => self.api_key(id).map(Member::ApiKey),
        }
    }

    /// An organization, with the version that decisions about it are made at.
    pub(crate) fn organization(&self, id: OrgId) -> Option<Arc<Versioned<Organization>>> {
        self.organizations.pin().get(&id).cloned()
    }

    pub(crate) fn group(&self, id: GroupId) -> Option<Arc<Group>> {
        self.groups.pin().get(&id).cloned()
    }

    /// What `read` finds among the accounts, API keys and projects of an organization.
    pub(crate) fn members<T>(&self, org_id: OrgId, read: impl FnOnce(&Members) -> T) -> T {
        let members = self.members.pin().get(&org_id).cloned().unwrap_or_default();
        // A panic while it was held would have left nothing half done that matters to a reader.
        read(&members.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change_members(&self, org_id: OrgId, change: impl FnOnce(&mut Members)) {
        let members = Arc::clone(self.members.pin().get_or_insert_with(org_id, Arc::default));
        change(&mut members.write().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn list(&self, id: ListId) -> Option<Arc<StatusList>> {
        self.lists.pin().get(&id).cloned()
    }

    /// The lists whose tokens have not all expired by `now`, oldest first.
    pub(crate) fn list_ids(&self, now: UnixTime) -> Vec<ListId> {
        let lists = self.lists.pin();
        let alive = lists.iter().filter(|(_, list)| now < list.term().dies_at);
        let mut ids: Vec<_> = alive.map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids
    }

    /// Whether the token with this bit is revoked. A list that is forgotten, or that there never
    /// was, has no live token.
    pub(crate) fn is_revoked(&self, status: StatusRef) -> bool {
        self.lists.pin().get(&status.list).is_none_or(|list| list.is_set(status.index))
    }

    /// The bits of a block that are set; `None` when all its tokens have expired by `now`.
    pub(crate) fn bits(&self, block: BlockRef, now: UnixTime) -> Option<u64> {
        let lists = self.lists.pin();
        let live = lists.get(&block.list).filter(|list| now < list.term().dies_at)?;
        Some(live.bits(block.number))
    }

    pub(crate) fn count_accounts(&self) -> u64 {
        self.principals.len() as u64
    }

    /// The greatest id of the accounts, API keys and projects.
    pub(crate) fn greatest_id(&self) -> [u8; 12] {
        let all = self.members.pin();
        let greatest = all
            .values()
            .map(|members| members.read().unwrap_or_else(PoisonError::into_inner).greatest_id());
        greatest.max().unwrap_or_default()
    }

    /// The lists in memory, and the bits in them that are set.
    pub(crate) fn count_lists(&self) -> ListCount {
        let lists = self.lists.pin();
        lists.values().fold(ListCount::default(), |count, list| ListCount {
            lists: count.lists + 1,
            revoked: count.revoked + list.count_set(),
        })
    }

    /// Forgets the lists whose tokens have all expired by `now`; whether there were any.
    pub(crate) fn forget_dead_lists(&self, now: UnixTime) -> bool {
        let lists = self.lists.pin();
        let before = lists.len();
        lists.retain(|_, list| now < list.term().dies_at);
        lists.len() < before
    }

    /// Includes entries of the log, the first of which must be the next one, each with the
    /// organization that it belongs to; what they did.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when what they speak of could not be read. They are then not included, and
    /// can be once more.
    pub(crate) async fn include(
        &self,
        entries: &[(Seq, Option<OrgId>, Event)],
        store: &dyn Store,
    ) -> Result<Effects, StoreError> {
        let mut last = self.seq();
        let mut changed = Changed::default();
        let mut gathered = Gathered::default();
        for (seq, org_id, event) in entries {
            debug_assert_eq!(*seq, last.next(), "the log is followed without a gap");
            last = *seq;
            gathered.add(event, *org_id);
            self.apply(*seq, *org_id, event, store, &mut changed).await?;
        }
        // Once each, however many of the entries speak of one: the store tells what it is now.
        for id in changed.members {
            self.refresh_member(id, store).await?;
        }
        let effects = gathered.finish(store).await?;
        // Last of what is read: whoever decides of a version must see all that led to it, and the
        // store tells the version of its own last entry, not of the one that is being included.
        for org_id in changed.organizations {
            self.refresh_organization(org_id, store).await?;
        }
        self.showing.store(last.0, Ordering::Release); // before the bits
        self.kill(&effects);
        self.seq.store(last.0, Ordering::Release);
        Ok(effects)
    }

    /// Sets the bits of what is dead.
    fn kill(&self, effects: &Effects) {
        for status in &effects.tokens {
            self.set(status.list, status.block().number, status.mask());
        }
        for block in &effects.blocks {
            self.set(block.list, block.number, u64::MAX);
        }
    }

    /// Includes an entry, but for the bits that it sets, and for whom and what `changed` then names.
    async fn apply(
        &self,
        seq: Seq,
        org_id: Option<OrgId>,
        event: &Event,
        store: &dyn Store,
        changed: &mut Changed,
    ) -> Result<(), StoreError> {
        match *event {
            Event::StatusListOpened { closes_at, dies_at } => {
                let term = Term {
                    closes_at: UnixTime::from_second(closes_at),
                    dies_at: UnixTime::from_second(dies_at),
                };
                let list = Arc::new(StatusList::new(term));
                self.lists.pin().insert(ListId::from_number(seq.0), list);
            }
            Event::ServiceAccountCreated { client_id }
            | Event::ServiceAccountDeleted { client_id }
            | Event::ServiceAccountDetailsChanged { client_id }
            | Event::ServiceAccountRolesChanged { client_id, .. }
            | Event::ServiceAccountAddedToGroup { client_id, .. }
            | Event::ServiceAccountRemovedFromGroup { client_id, .. }
            | Event::ServiceAccountSecretAdded { client_id, .. }
            | Event::ServiceAccountSecretDeleted { client_id, .. }
            | Event::ServiceAccountAccessListEntryAdded { client_id, .. }
            | Event::ServiceAccountAccessListEntryDeleted { client_id, .. } => {
                changed.members.insert(client_id.into());
                changed.organizations.extend(org_id);
            }
            Event::ApiKeyCreated { api_key_id }
            | Event::ApiKeyDescriptionChanged { api_key_id }
            | Event::ApiKeyRolesChanged { api_key_id, .. }
            | Event::ApiKeyDeleted { api_key_id }
            | Event::ApiKeyAccessListEntryAdded { api_key_id, .. }
            | Event::ApiKeyAccessListEntryDeleted { api_key_id, .. } => {
                changed.members.insert(api_key_id.into());
                changed.organizations.extend(org_id);
            }
            Event::GroupCreated { group_id } | Event::GroupRenamed { group_id, .. } => {
                self.refresh_group(group_id, store).await?;
                changed.organizations.extend(org_id);
            }
            Event::GroupDeleted { group_id } => {
                self.forget_group(group_id);
                changed.organizations.extend(org_id);
            }
            Event::OrganizationCreated { org_id }
            | Event::OrganizationRenamed { org_id, .. }
            | Event::OrganizationSettingsChanged { org_id } => {
                changed.organizations.insert(org_id);
            }
            Event::OrganizationDeleted { org_id } => self.forget_organization(org_id),
            Event::SigningKeyAdded { .. } | Event::SigningKeyRemoved { .. } => {
                self.refresh_signing_keys(store).await?;
            }
            // Their bits are all that they change.
            Event::TokenRevoked { .. }
            | Event::SecretTokensRevoked { .. }
            | Event::AccountTokensRevoked { .. }
            // A block is its taker's alone; nobody else need know of it.
            | Event::BlocksTaken { .. }
            // These happen before anything is followed.
            | Event::InstallationCreated
            | Event::DataKeysAdopted
            // The data keys are the same as before.
            | Event::InstallationKeyRotated => {}
        }
        Ok(())
    }

    async fn refresh_signing_keys(&self, store: &dyn Store) -> Result<(), StoreError> {
        let wrapped = store.signing_keys().await?;
        self.signing_keys.replace(&wrapped).map_err(|error| StoreError::Damaged {
            path: "a signing key in the store".into(),
            source: error.into(),
        })
    }

    /// Reads an account or a key again: the log says that it changed, and the store what it is
    /// now.
    async fn refresh_member(&self, id: PrincipalId, store: &dyn Store) -> Result<(), StoreError> {
        let new = match id {
            PrincipalId::Account(client_id) => {
                store.principal(client_id).await?.map(|account| Member::Account(account.into()))
            }
            PrincipalId::ApiKey(id) => {
                store.api_key_principal(id).await?.map(|key| Member::ApiKey(key.into()))
            }
        };
        let old = self.member(id);
        // The member first, then the lists that name it: what is named can be found.
        match (&new, &old) {
            (Some(new), _) => self.hold(new.clone()),
            (None, Some(old)) => self.forget(old),
            (None, None) => {}
        }
        if let Some(org_id) = new.as_ref().or(old.as_ref()).map(|member| member.rights().org_id) {
            self.change_members(org_id, |members| {
                if let Some(old) = &old {
                    members.remove(old);
                }
                if let Some(new) = &new {
                    members.insert(new);
                }
            });
        }
        Ok(())
    }

    fn hold(&self, member: Member) {
        match member {
            Member::Account(account) => {
                self.principals.pin().insert(account.client_id, account);
            }
            Member::ApiKey(key) => {
                self.public_keys.pin().insert(key.public_key, key.id);
                self.api_keys.pin().insert(key.id, key);
            }
        }
    }

    fn forget(&self, member: &Member) {
        match member {
            Member::Account(account) => {
                self.principals.pin().remove(&account.client_id);
            }
            Member::ApiKey(key) => {
                self.api_keys.pin().remove(&key.id);
                self.public_keys.pin().remove(&key.public_key);
            }
        }
    }

    async fn refresh_group(&self, group_id: GroupId, store: &dyn Store) -> Result<(), StoreError> {
        if let Some(group) = store.group(group_id).await? {
            let org_id = group.org_id;
            self.groups.pin().insert(group_id, Arc::new(group));
            self.change_members(org_id, |members| members.insert_group(group_id));
        } else {
            self.forget_group(group_id);
        }
        Ok(())
    }

    /// Nothing need be read: whoever was assigned to it is as before, but for that.
    fn forget_group(&self, group_id: GroupId) {
        let Some(group) = self.group(group_id) else { return };
        let assigned = self.members(group.org_id, |all| all.assigned(group_id).to_vec());
        for account in assigned.into_iter().filter_map(|client_id| self.principal(client_id)) {
            let mut account = Principal::clone(&account);
            let left = account.rights.assignments.iter().filter(|to| to.group_id != group_id);
            account.rights.assignments = left.copied().collect();
            self.principals.pin().insert(account.client_id, Arc::new(account));
        }
        self.change_members(group.org_id, |members| members.remove_group(group_id));
        self.groups.pin().remove(&group_id);
    }

    async fn refresh_organization(
        &self,
        org_id: OrgId,
        store: &dyn Store,
    ) -> Result<(), StoreError> {
        match store.organization(org_id).await? {
            Some(organization) => {
                self.organizations.pin().insert(org_id, Arc::new(organization));
            }
            None => self.forget_organization(org_id),
        }
        Ok(())
    }

    fn forget_organization(&self, org_id: OrgId) {
        self.organizations.pin().remove(&org_id);
        let (members, groups) = self.members(org_id, |members| {
            (members.all().collect::<Vec<_>>(), members.groups().to_vec())
        });
        self.members.pin().remove(&org_id);
        for member in members.into_iter().filter_map(|id| self.member(id)) {
            self.forget(&member);
        }
        let pinned = self.groups.pin();
        for group_id in &groups {
            pinned.remove(group_id);
        }
    }

    fn set(&self, list: ListId, block: u32, mask: u64) {
        if let Some(list) = self.lists.pin().get(&list) {
            list.set(block, mask);
        }
    }
}
