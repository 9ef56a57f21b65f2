//! [`Store`] on SQLite: one file in the data directory, nothing to install (docs/storage.md).

mod checkpoint;
mod error;
mod log;
mod open;
mod readers;
mod row;
mod snapshot;
mod write;

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use rescind_core::{
    clock::UnixTime,
    id::{ClientId, SecretId},
    status_list::BlockRef,
};
use rusqlite::Connection;
use tokio::{sync::Mutex, task};

use self::{
    checkpoint::Checkpointer,
    error::Failure,
    open::{DirectoryLock, Location},
    readers::Readers,
};
use crate::{Entry, Seq, Snapshot, Store, StoreError, Transaction};

/// A store in one SQLite database, which this process alone uses.
#[derive(Debug)]
pub struct SqliteStore {
    checkpointer: Checkpointer,
    database: Arc<Database>,
}

/// What every job on the database holds on to. The fields are dropped in this order: the last
/// connection to close is one that may write, so that it leaves no log behind, and only then
/// may another process come.
#[derive(Debug)]
struct Database {
    readers: Readers,
    /// Tokio's mutex, since it is fair: a commit that waits goes before the next slice of
    /// housekeeping.
    writer: Mutex<Connection>,
    location: Location,
    _lock: DirectoryLock,
}

impl SqliteStore {
    /// Opens the store in `data_dir`, which must exist, and creates it if there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when another process has it open, when it is not a store that this version
    /// can use, and when it cannot be read or written.
    pub fn open(data_dir: &Path) -> Result<Self, StoreError> {
        let location = Location::in_dir(data_dir);
        let lock = location.lock()?;
        let writer = location.open().map_err(|failure| failure.at(location.database()))?;
        let database = Arc::new(Database {
            readers: Readers::of(&location),
            writer: Mutex::new(writer),
            location,
            _lock: lock,
        });
        let checkpointer = Checkpointer::start(&database)
            .map_err(|failure| failure.at(database.location.database()))?;
        Ok(Self { checkpointer, database })
    }

    /// Runs `job` on the one connection that writes.
    async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.run(move |database| job(&mut database.writer.blocking_lock())).await
    }

    /// Runs `job` on a connection that only reads, and is in nobody's way.
    async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let _permit = self.database.readers.permit().await;
        self.run(move |database| database.readers.with(job)).await
    }

    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Database) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let database = Arc::clone(&self.database);
        task::spawn_blocking(move || job(&database))
            .await
            .map_err(Failure::from)
            .flatten()
            .map_err(|failure| failure.at(self.database.location.database()))
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn snapshot(&self, now: UnixTime) -> Result<Snapshot, StoreError> {
        self.read(move |connection| snapshot::read(connection, now)).await
    }

    async fn commit(&self, now: UnixTime, batch: &[Transaction]) -> Result<Vec<Seq>, StoreError> {
        let batch = batch.to_vec();
        let (numbers, frames) = self
            .write(move |connection| {
                let numbers = write::commit(connection, now, &batch)?;
                Ok((numbers, checkpoint::frames(connection)))
            })
            .await?;
        self.checkpointer.notice(frames);
        Ok(numbers)
    }

    async fn entries(&self, after: Seq, limit: u32) -> Result<Vec<Entry>, StoreError> {
        self.read(move |connection| log::entries(connection, after, limit)).await
    }

    async fn blocks(
        &self,
        client_id: ClientId,
        secret_id: Option<SecretId>,
    ) -> Result<Vec<BlockRef>, StoreError> {
        self.read(move |connection| snapshot::blocks(connection, client_id, secret_id)).await
    }

    async fn touch_secrets(&self, used: &[(SecretId, UnixTime)]) -> Result<(), StoreError> {
        for slice in used.chunks(write::SLICE) {
            let slice = slice.to_vec();
            self.write(move |connection| write::touch_secrets(connection, &slice)).await?;
        }
        Ok(())
    }

    async fn forget_dead_lists(&self, now: UnixTime) -> Result<(), StoreError> {
        while self.write(move |connection| write::forget_slice(connection, now)).await? {}
        Ok(())
    }
}
