//! Durable state: one [`Store`] trait, its backends, and the change log.
//!
//! Every durable change appends one numbered event to the log in the same transaction. The log is
//! the audit trail, what resource servers follow, and what keeps every replica's memory fresh;
//! there is no second mechanism.

mod change;
mod error;
mod snapshot;
mod sqlite;

use async_trait::async_trait;
use rescind_core::{
    clock::UnixTime,
    id::{ClientId, SecretId},
    status_list::BlockRef,
};

pub use self::{
    change::{Actor, Change, Entry, Event, Seq, Transaction},
    error::{Cause, StoreError},
    snapshot::{ListSnapshot, Snapshot},
    sqlite::SqliteStore,
};

/// The one door to durable state. Object-safe, so that callers hold an `Arc<dyn Store>`.
///
/// What an implementation promises is written down as the contract suite (`tests/contract/`),
/// which runs on every backend.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Everything that is held in memory, as one moment of the log saw it.
    ///
    /// Lists whose tokens had all expired by `now` are left out.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be read.
    async fn snapshot(&self, now: UnixTime) -> Result<Snapshot, StoreError>;

    /// Makes a batch durable in one commit, and returns for each transaction the number of the
    /// first of its changes.
    ///
    /// Numbers have no gaps and follow the order of the batch. When this returns `Ok`, all of the
    /// batch is on disk.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when nothing of the batch was recorded, or when that cannot be known. So
    /// for the whole batch when one of its changes cannot be made: a block that is taken already
    /// or whose list is not there, the bit of a live list in a block that nobody has taken.
    async fn commit(&self, now: UnixTime, batch: &[Transaction]) -> Result<Vec<Seq>, StoreError>;

    /// Up to `limit` entries of the log that follow `after`, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the log cannot be read.
    async fn entries(&self, after: Seq, limit: u32) -> Result<Vec<Entry>, StoreError>;

    /// The blocks that the tokens of an account lie in: of one of its secrets, or of all.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    async fn blocks(
        &self,
        client_id: ClientId,
        secret_id: Option<SecretId>,
    ) -> Result<Vec<BlockRef>, StoreError>;

    /// Records when secrets last authenticated somebody. Not a change: it is not logged, and may
    /// be lost with the last seconds before a crash. Secrets that are gone are passed over.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when some may not have been recorded.
    async fn touch_secrets(&self, used: &[(SecretId, UnixTime)]) -> Result<(), StoreError>;

    /// Forgets the lists whose tokens had all expired by `now`, bits and blocks.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they may still be there.
    async fn forget_dead_lists(&self, now: UnixTime) -> Result<(), StoreError>;
}
