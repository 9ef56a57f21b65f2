//! A real store that fails on command.

use std::{
    collections::VecDeque,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

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
use tokio::sync::{Mutex as Gate, OwnedMutexGuard, mpsc, watch};

/// How a commit fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing of it reaches the disk.
    Failed,
    /// It reaches the disk, and is reported as failed all the same.
    InDoubt,
}

pub(crate) struct UnreliableStore {
    disk: SqliteStore,
    faults: Mutex<VecDeque<Fault>>,
    /// The last of them that a commit met.
    met: Mutex<Option<Fault>>,
    unreadable: AtomicBool,
    /// How many of the next commits find that what they depend on has changed.
    stale: AtomicUsize,
    gate: Arc<Gate<()>>,
    /// The size of each batch that was asked to be committed, also in vain.
    batches: watch::Sender<Vec<usize>>,
    touched: Mutex<Vec<(SecretId, UnixTime)>>,
    /// How often a service account was read.
    accounts_read: AtomicUsize,
}

impl UnreliableStore {
    pub(crate) fn open(data_dir: &Path) -> Self {
        Self {
            disk: SqliteStore::open(data_dir).unwrap(),
            faults: Mutex::default(),
            met: Mutex::default(),
            unreadable: AtomicBool::new(false),
            stale: AtomicUsize::new(0),
            gate: Arc::default(),
            batches: watch::Sender::default(),
            touched: Mutex::default(),
            accounts_read: AtomicUsize::new(0),
        }
    }

    /// The next commits fail so, one each.
    pub(crate) fn fail_next(&self, faults: impl IntoIterator<Item = Fault>) {
        locked(&self.faults).extend(faults);
    }

    /// The next commits, so many of them, come too late: another change came first.
    pub(crate) fn outrun_next(&self, commits: usize) {
        self.stale.store(commits, Ordering::SeqCst);
    }

    /// Faults that no commit has met so far.
    pub(crate) fn faults_ahead(&self) -> usize {
        locked(&self.faults).len()
    }

    /// The fault that a commit has met since this was last asked.
    pub(crate) fn take_met(&self) -> Option<Fault> {
        locked(&self.met).take()
    }

    /// From now on the log and the blocks cannot be read, or can be again.
    pub(crate) fn set_unreadable(&self, unreadable: bool) {
        self.unreadable.store(unreadable, Ordering::SeqCst);
    }

    /// Keeps every commit waiting until the guard is dropped.
    pub(crate) async fn hold(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.gate).lock_owned().await
    }

    /// The size of each batch so far.
    pub(crate) fn batches(&self) -> Vec<usize> {
        self.batches.borrow().clone()
    }

    /// Waits until `count` commits have been asked for.
    pub(crate) async fn wait_for_batches(&self, count: usize) {
        self.batches.subscribe().wait_for(|batches| batches.len() >= count).await.unwrap();
    }

    /// The uses of secrets that were written down so far.
    pub(crate) fn touched(&self) -> Vec<(SecretId, UnixTime)> {
        locked(&self.touched).clone()
    }

    /// How often a service account was read so far, but for starts.
    pub(crate) fn accounts_read(&self) -> usize {
        self.accounts_read.load(Ordering::SeqCst)
    }

    fn read(&self) -> Result<&SqliteStore, StoreError> {
        if self.unreadable.load(Ordering::SeqCst) { Err(error()) } else { Ok(&self.disk) }
    }
}

#[async_trait]
impl Store for UnreliableStore {
    async fn load(
        &self,
        now: UnixTime,
        accounts: mpsc::Sender<Vec<Principal>>,
    ) -> Result<Snapshot, StoreError> {
        self.disk.load(now, accounts).await
    }

    async fn commit(
        &self,
        now: UnixTime,
        batch: &[Transaction],
    ) -> Result<Vec<Result<Seq, Stale>>, StoreError> {
        self.batches.send_modify(|batches| batches.push(batch.len()));
        let _passed = self.gate.lock().await;
        let outrun = |left: usize| left.checked_sub(1);
        if self.stale.fetch_update(Ordering::SeqCst, Ordering::SeqCst, outrun).is_ok() {
            return Ok(vec![Err(Stale); batch.len()]);
        }
        let fault = locked(&self.faults).pop_front();
        if fault.is_some() {
            *locked(&self.met) = fault;
        }
        match fault {
            None => self.disk.commit(now, batch).await,
            Some(Fault::Failed) => Err(error()),
            Some(Fault::InDoubt) => {
                self.disk.commit(now, batch).await?;
                Err(error())
            }
        }
    }

    async fn entries(&self, after: Seq, limit: u32) -> Result<Vec<Entry>, StoreError> {
        self.read()?.entries(after, limit).await
    }

    async fn dead_blocks(&self, of: &[TokensOf]) -> Result<Vec<BlockRef>, StoreError> {
        self.read()?.dead_blocks(of).await
    }

    async fn issued(&self, client_id: ClientId) -> Result<Vec<Issued>, StoreError> {
        self.read()?.issued(client_id).await
    }

    async fn note_issued(&self, issued: &[Issued]) -> Result<(), StoreError> {
        self.read()?.note_issued(issued).await
    }

    async fn touch_secrets(&self, used: &[(SecretId, UnixTime)]) -> Result<(), StoreError> {
        let disk = self.read()?;
        disk.touch_secrets(used).await?;
        locked(&self.touched).extend_from_slice(used);
        Ok(())
    }

    async fn events(
        &self,
        org_id: OrgId,
        filter: &EventFilter,
    ) -> Result<(Vec<Entry>, u64), StoreError> {
        self.read()?.events(org_id, filter).await
    }

    async fn installation(&self) -> Result<Option<InstallationLock>, StoreError> {
        self.disk.installation().await
    }

    async fn signing_keys(&self) -> Result<Vec<WrappedKey>, StoreError> {
        self.read()?.signing_keys().await
    }

    async fn principal(&self, client_id: ClientId) -> Result<Option<Principal>, StoreError> {
        self.accounts_read.fetch_add(1, Ordering::SeqCst);
        self.read()?.principal(client_id).await
    }

    async fn organization(
        &self,
        org_id: OrgId,
    ) -> Result<Option<Versioned<Organization>>, StoreError> {
        self.read()?.organization(org_id).await
    }

    async fn group(&self, group_id: GroupId) -> Result<Option<Group>, StoreError> {
        self.read()?.group(group_id).await
    }

    async fn accounts(&self, client_ids: &[ClientId]) -> Result<Vec<ServiceAccount>, StoreError> {
        self.read()?.accounts(client_ids).await
    }

    async fn api_key_principal(&self, id: ApiKeyId) -> Result<Option<ApiKeyPrincipal>, StoreError> {
        self.read()?.api_key_principal(id).await
    }

    async fn api_keys(&self, ids: &[ApiKeyId]) -> Result<Vec<ApiKey>, StoreError> {
        self.read()?.api_keys(ids).await
    }

    async fn access_entries(&self, owner: PrincipalId) -> Result<Vec<AccessEntry>, StoreError> {
        self.read()?.access_entries(owner).await
    }

    async fn touch_access_entries(&self, used: &[AccessEntryUse]) -> Result<(), StoreError> {
        self.read()?.touch_access_entries(used).await
    }

    async fn size(&self) -> Result<u64, StoreError> {
        self.disk.size().await
    }

    async fn forget_dead_lists(&self, now: UnixTime) -> Result<(), StoreError> {
        self.disk.forget_dead_lists(now).await
    }
}

fn error() -> StoreError {
    StoreError::Unavailable { path: "on command".into(), source: "a test said so".into() }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
