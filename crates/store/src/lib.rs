//! Durable state: one [`Store`] trait, its backends, and the change log.
//!
//! Every durable change appends one numbered event to the log in the same transaction. The log is
//! the audit trail, what resource servers follow, and what keeps every replica's memory fresh;
//! there is no second mechanism.

mod change;
mod error;
mod event_filter;
mod postgres;
mod snapshot;
mod sqlite;
mod stored;
mod tokens_of;

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
use tokio::sync::mpsc;

pub use self::{
    change::{Actor, Change, Entry, Event, Seq, Stale, Transaction},
    error::{Cause, DatabaseError, StoreError},
    event_filter::EventFilter,
    postgres::{DatabaseUrl, ParseDatabaseUrlError, PostgresStore},
    snapshot::{AccessEntryUse, InstallationLock, ListSnapshot, Snapshot, Versioned},
    sqlite::SqliteStore,
    tokens_of::TokensOf,
};

/// The one door to durable state. Object-safe, so that callers hold an `Arc<dyn Store>`.
///
/// What an implementation promises is written down as the contract suite (`tests/contract/`),
/// which runs on every backend.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Everything that is held in memory, as one moment of the log saw it. The service accounts
    /// are sent to `accounts` while they are read, in the order of their ids, and are not in the
    /// snapshot. Whoever asks has to receive them meanwhile: the store waits for that.
    ///
    /// Lists whose tokens had all expired by `now` are left out.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read. What was sent before is of no use then.
    async fn load(
        &self,
        now: UnixTime,
        accounts: mpsc::Sender<Vec<Principal>>,
    ) -> Result<Snapshot, StoreError>;

    /// What [`Self::load`] reads, with the service accounts.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read.
    async fn snapshot(&self, now: UnixTime) -> Result<Snapshot, StoreError> {
        let (sender, mut accounts) = mpsc::channel(1);
        let mut principals = Vec::new();
        let receive = async {
            while let Some(batch) = accounts.recv().await {
                principals.extend(batch);
            }
        };
        let (snapshot, ()) = tokio::join!(self.load(now, sender), receive);
        Ok(Snapshot { principals, ..snapshot? })
    }

    /// Makes a batch durable in one commit, and returns for each transaction the number of the
    /// first of its changes, or [`Stale`] if the organization has another version than the one
    /// that it was decided at; the others are recorded all the same.
    ///
    /// Numbers have no gaps and follow the order of the batch. The number of the first change of a
    /// transaction is the version of the organization that it was decided of from then on, if that
    /// is the one that it changes. When this returns `Ok`, all that was numbered is on disk.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when nothing of the batch was recorded, or when that cannot be known. So
    /// for the whole batch when one of its changes cannot be made: a block that is taken already
    /// or whose list is not there, the bit of a live list in a block that nobody has taken, a
    /// change of what is not there.
    async fn commit(
        &self,
        now: UnixTime,
        batch: &[Transaction],
    ) -> Result<Vec<Result<Seq, Stale>>, StoreError>;

    /// Up to `limit` entries of the log that follow `after`, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the log cannot be read.
    async fn entries(&self, after: Seq, limit: u32) -> Result<Vec<Entry>, StoreError>;

    /// A page of an organization's log, newest first, and how many entries the filter lets through
    /// in all.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the log cannot be read.
    async fn events(
        &self,
        org_id: OrgId,
        filter: &EventFilter,
    ) -> Result<(Vec<Entry>, u64), StoreError>;

    /// What the installation key locks; `None` in an empty store.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    async fn installation(&self) -> Result<Option<InstallationLock>, StoreError>;

    /// All signing keys, in the order in which they were added.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    async fn signing_keys(&self) -> Result<Vec<WrappedKey>, StoreError>;

    /// What requests need to know of a service account; `None` if it is gone.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    async fn principal(&self, client_id: ClientId) -> Result<Option<Principal>, StoreError>;

    /// An organization with its version; `None` if it is gone.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    async fn organization(
        &self,
        org_id: OrgId,
    ) -> Result<Option<Versioned<Organization>>, StoreError>;

    /// A project; `None` if it is gone.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    async fn group(&self, group_id: GroupId) -> Result<Option<Group>, StoreError>;

    /// All of these service accounts, in the order of `client_ids`; those that are gone are left
    /// out.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    async fn accounts(&self, client_ids: &[ClientId]) -> Result<Vec<ServiceAccount>, StoreError>;

    /// What requests need to know of an API key; `None` if it is gone.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    async fn api_key_principal(&self, id: ApiKeyId) -> Result<Option<ApiKeyPrincipal>, StoreError>;

    /// All of these API keys, in the order of `ids`; those that are gone are left out.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    async fn api_keys(&self, ids: &[ApiKeyId]) -> Result<Vec<ApiKey>, StoreError>;

    /// The access list of a service account or of an API key, oldest entry first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    async fn access_entries(&self, owner: PrincipalId) -> Result<Vec<AccessEntry>, StoreError>;

    /// The blocks that tokens of these lie in, and of which every bit is set. In no order; a block
    /// of two of them comes twice.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    async fn dead_blocks(&self, of: &[TokensOf]) -> Result<Vec<BlockRef>, StoreError>;

    /// How many tokens were issued with bits of the blocks of an account, as far as it was noted.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when that cannot be read.
    async fn issued(&self, client_id: ClientId) -> Result<Vec<Issued>, StoreError>;

    /// Notes how many tokens were issued with bits of blocks; a larger number that was noted
    /// already stays. Like [`Self::touch_secrets`], it is not a change. Blocks that are gone are
    /// passed over.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when some may not have been noted.
    async fn note_issued(&self, issued: &[Issued]) -> Result<(), StoreError>;

    /// Records when secrets last authenticated somebody. Not a change: it is not logged, and may
    /// be lost with the last seconds before a crash. Secrets that are gone are passed over.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when some may not have been recorded.
    async fn touch_secrets(&self, used: &[(SecretId, UnixTime)]) -> Result<(), StoreError>;

    /// Records requests that access lists have let through: how many more, and the last of them.
    /// Like [`Self::touch_secrets`], it is not a change.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when nothing was recorded.
    async fn touch_access_entries(&self, used: &[AccessEntryUse]) -> Result<(), StoreError>;

    /// How many bytes the store takes on disk, what is not yet in its final place included.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when that cannot be told.
    async fn size(&self) -> Result<u64, StoreError>;

    /// Forgets the lists whose tokens had all expired by `now`, bits and blocks.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they may still be there.
    async fn forget_dead_lists(&self, now: UnixTime) -> Result<(), StoreError>;
}
