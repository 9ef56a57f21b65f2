//! What is held in memory: all that a request needs, so that none waits for a disk to read.
//!
//! It is filled from a snapshot and then follows the change log, in order and without a gap.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use rescind_core::{
    account::Principal,
    clock::UnixTime,
    id::{ClientId, GroupId, OrgId, SecretId},
    organization::{Group, Organization},
    status_list::{ListId, StatusList, StatusRef, Term},
};
use rescind_store::{Event, Seq, Snapshot, Store, StoreError};

/// The memory of an authority.
pub(crate) struct View {
    /// The last entry of the log that is included.
    seq: AtomicU64,
    organizations: papaya::HashMap<OrgId, Arc<Organization>>,
    groups: papaya::HashMap<GroupId, Arc<Group>>,
    principals: papaya::HashMap<ClientId, Arc<Principal>>,
    lists: papaya::HashMap<ListId, Arc<StatusList>>,
}

impl View {
    /// The memory that a snapshot describes.
    pub(crate) fn new(snapshot: Snapshot) -> Self {
        let lists = snapshot.lists.into_iter().map(|saved| {
            let list = StatusList::new(saved.term);
            saved.revoked.iter().for_each(|(block, mask)| list.set(*block, *mask));
            (saved.id, Arc::new(list))
        });
        Self {
            seq: AtomicU64::new(snapshot.seq.0),
            organizations: snapshot.organizations.into_iter().map(|o| (o.id, o.into())).collect(),
            groups: snapshot.groups.into_iter().map(|g| (g.id, g.into())).collect(),
            principals: snapshot.principals.into_iter().map(|p| (p.client_id, p.into())).collect(),
            lists: lists.collect(),
        }
    }

    /// The last entry of the log that is included.
    pub(crate) fn seq(&self) -> Seq {
        Seq(self.seq.load(Ordering::Acquire))
    }

    pub(crate) fn principal(&self, id: ClientId) -> Option<Arc<Principal>> {
        self.principals.pin().get(&id).cloned()
    }

    pub(crate) fn organization(&self, id: OrgId) -> Option<Arc<Organization>> {
        self.organizations.pin().get(&id).cloned()
    }

    /// The projects of an organization, oldest first.
    pub(crate) fn groups_of(&self, org_id: OrgId) -> Vec<Arc<Group>> {
        let groups = self.groups.pin();
        let mut groups: Vec<_> =
            groups.values().filter(|group| group.org_id == org_id).cloned().collect();
        groups.sort_unstable_by_key(|group| (group.created_at, group.id));
        groups
    }

    pub(crate) fn list(&self, id: ListId) -> Option<Arc<StatusList>> {
        self.lists.pin().get(&id).cloned()
    }

    /// Whether the token with this bit is revoked. A list that is forgotten, or that there never
    /// was, has no live token.
    pub(crate) fn is_revoked(&self, status: StatusRef) -> bool {
        self.lists.pin().get(&status.list).is_none_or(|list| list.is_set(status.index))
    }

    /// Forgets the lists whose tokens have all expired by `now`.
    pub(crate) fn forget_dead_lists(&self, now: UnixTime) {
        self.lists.pin().retain(|_, list| now < list.term().dies_at);
    }

    /// Includes the entry `seq`, which must be the next one.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when what the event speaks of could not be read. It is then not included.
    pub(crate) async fn apply(
        &self,
        seq: Seq,
        event: &Event,
        store: &dyn Store,
    ) -> Result<(), StoreError> {
        debug_assert_eq!(seq, self.seq().next(), "the log is followed without a gap");
        match *event {
            Event::StatusListOpened { closes_at, dies_at } => {
                let term = Term {
                    closes_at: UnixTime::from_second(closes_at),
                    dies_at: UnixTime::from_second(dies_at),
                };
                let list = Arc::new(StatusList::new(term));
                self.lists.pin().insert(ListId::from_number(seq.0), list);
            }
            Event::TokenRevoked { list, index, .. } => {
                let status = StatusRef { list, index };
                self.set(list, status.block().number, status.mask());
            }
            Event::SecretTokensRevoked { client_id, secret_id } => {
                self.fill(client_id, Some(secret_id), store).await?;
            }
            Event::AccountTokensRevoked { client_id } => {
                self.fill(client_id, None, store).await?;
            }
            // A block is its taker's alone; nobody else need know of it.
            Event::BlocksTaken { .. }
            // These happen before anything is followed: at the founding, and at the start.
            | Event::InstallationCreated
            | Event::OrganizationCreated { .. }
            | Event::GroupCreated { .. }
            | Event::ServiceAccountCreated { .. }
            | Event::SigningKeyAdded { .. } => {}
        }
        self.seq.store(seq.0, Ordering::Release);
        Ok(())
    }

    async fn fill(
        &self,
        client_id: ClientId,
        secret_id: Option<SecretId>,
        store: &dyn Store,
    ) -> Result<(), StoreError> {
        for block in store.blocks(client_id, secret_id).await? {
            self.set(block.list, block.number, u64::MAX);
        }
        Ok(())
    }

    fn set(&self, list: ListId, block: u32, mask: u64) {
        if let Some(list) = self.lists.pin().get(&list) {
            list.set(block, mask);
        }
    }
}
