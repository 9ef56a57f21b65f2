//! A real store whose commits can be made to fail, as those on a full disk do.

use std::{io, sync::Mutex};

use async_trait::async_trait;
use rescind_core::{
    access_list::AccessEntry,
    account::{Principal, ServiceAccount},
    api_key::{ApiKey, ApiKeyPrincipal},
    clock::UnixTime,
    id::{ApiKeyId, ClientId, GroupId, OrgId, PrincipalId, SecretId},
    live_tokens::Issued,
    organization::{Group, Organization},
    signing::WrappedKey,
    status_list::BlockRef,
};
use rescind_store::{
    AccessEntryUse, Entry, EventFilter, InstallationLock, Seq, Snapshot, SqliteStore, Stale, Store,
    StoreError, TokensOf, Transaction, Versioned,
};
use tokio::sync::mpsc;

/// What goes wrong with a commit.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    /// Nothing reaches the disk.
    NothingWritten,
    /// All of it reaches the disk, and then the answer is lost.
    AnswerLost,
    /// The disk does not answer, ever.
    Hangs,
    /// Somebody else's change of the organization comes first, each time.
    Overtaken,
}

pub(crate) struct FaultyStore {
    store: SqliteStore,
    fault: Mutex<Option<Fault>>,
}

impl FaultyStore {
    pub(crate) fn over(store: SqliteStore) -> Self {
        Self { store, fault: Mutex::new(None) }
    }

    /// From now on every commit fails in this way.
    pub(crate) fn fail(&self, fault: Fault) {
        *self.fault.lock().unwrap() = Some(fault);
    }

    /// From now on commits work again.
    pub(crate) fn recover(&self) {
        *self.fault.lock().unwrap() = None;
    }
}

fn full() -> StoreError {
    let source = io::Error::from(io::ErrorKind::StorageFull).into();
    StoreError::Full { path: "/the/secret/path/rescind.db".into(), source }
}

#[async_trait]
impl Store for FaultyStore {
    async fn commit(
        &self,
        now: UnixTime,
        batch: &[Transaction],
    ) -> Result<Vec<Result<Seq, Stale>>, StoreError> {
        let fault = *self.fault.lock().unwrap();
        match fault {
            None => self.store.commit(now, batch).await,
            Some(Fault::NothingWritten) => Err(full()),
            Some(Fault::AnswerLost) => {
                self.store.commit(now, batch).await?;
                Err(full())
            }
            Some(Fault::Hangs) => std::future::pending().await,
            Some(Fault::Overtaken) => Ok(batch.iter().map(|_| Err(Stale)).collect()),
        }
    }

    async fn load(
        &self,
        now: UnixTime,
        accounts: mpsc::Sender<Vec<Principal>>,
    ) -> Result<Snapshot, StoreError> {
        self.store.load(now, accounts).await
    }

    async fn entries(&self, after: Seq, limit: u32) -> Result<Vec<Entry>, StoreError> {
        self.store.entries(after, limit).await
    }

    async fn dead_blocks(&self, of: &[TokensOf]) -> Result<Vec<BlockRef>, StoreError> {
        self.store.dead_blocks(of).await
    }

    async fn issued(&self, client_id: ClientId) -> Result<Vec<Issued>, StoreError> {
        self.store.issued(client_id).await
    }

    async fn note_issued(&self, issued: &[Issued]) -> Result<(), StoreError> {
        self.store.note_issued(issued).await
    }

    async fn touch_secrets(&self, used: &[(SecretId, UnixTime)]) -> Result<(), StoreError> {
        self.store.touch_secrets(used).await
    }

    async fn events(
        &self,
        org_id: OrgId,
        filter: &EventFilter,
    ) -> Result<(Vec<Entry>, u64), StoreError> {
        self.store.events(org_id, filter).await
    }

    async fn installation(&self) -> Result<Option<InstallationLock>, StoreError> {
        self.store.installation().await
    }

    async fn signing_keys(&self) -> Result<Vec<WrappedKey>, StoreError> {
        self.store.signing_keys().await
    }

    async fn principal(&self, client_id: ClientId) -> Result<Option<Principal>, StoreError> {
        self.store.principal(client_id).await
    }

    async fn organization(
        &self,
        org_id: OrgId,
    ) -> Result<Option<Versioned<Organization>>, StoreError> {
        self.store.organization(org_id).await
    }

    async fn group(&self, group_id: GroupId) -> Result<Option<Group>, StoreError> {
        self.store.group(group_id).await
    }

    async fn accounts(&self, client_ids: &[ClientId]) -> Result<Vec<ServiceAccount>, StoreError> {
        self.store.accounts(client_ids).await
    }

    async fn api_key_principal(&self, id: ApiKeyId) -> Result<Option<ApiKeyPrincipal>, StoreError> {
        self.store.api_key_principal(id).await
    }

    async fn api_keys(&self, ids: &[ApiKeyId]) -> Result<Vec<ApiKey>, StoreError> {
        self.store.api_keys(ids).await
    }

    async fn access_entries(&self, owner: PrincipalId) -> Result<Vec<AccessEntry>, StoreError> {
        self.store.access_entries(owner).await
    }

    async fn touch_access_entries(&self, used: &[AccessEntryUse]) -> Result<(), StoreError> {
        self.store.touch_access_entries(used).await
    }

    async fn size(&self) -> Result<u64, StoreError> {
        self.store.size().await
    }

    async fn forget_dead_lists(&self, now: UnixTime) -> Result<(), StoreError> {
        self.store.forget_dead_lists(now).await
    }
}
