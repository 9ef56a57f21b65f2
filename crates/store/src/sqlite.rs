//! [`Store`] on SQLite: one file in the data directory, nothing to install (docs/storage.md).

mod access_list;
mod account;
mod api_key;
mod checkpoint;
mod error;
mod key;
mod log;
mod open;
mod organization;
mod principal;
mod readers;
mod row;
mod run;
mod snapshot;
mod status_list;
mod upkeep;
mod write;

use std::{path::Path, sync::Arc};

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
use rusqlite::Connection;
use tokio::{
    sync::{Mutex, mpsc},
    task,
};

use self::{
    checkpoint::Checkpointer,
    error::Failure,
    open::{DirectoryLock, Location},
    readers::Readers,
};
use crate::{
    AccessEntryUse, Entry, EventFilter, InstallationLock, Seq, Snapshot, Stale, Store, StoreError,
    TokensOf, Transaction, Versioned,
};

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
    /// For what clients ask for, which can take long.
    readers: Readers,
    /// For what memory follows the log with, while a commit waits to be answered.
    followers: Readers,
    /// Tokio's mutex, since it is fair: a commit that waits goes before the next slice of
    /// housekeeping.
    writer: Mutex<Connection>,
    location: Location,
    _lock: DirectoryLock,
}

impl SqliteStore {
    /// Whether there is a store in `data_dir`.
    #[must_use]
    pub fn is_in(data_dir: &Path) -> bool {
        Location::in_dir(data_dir).database().exists()
    }

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
            followers: Readers::of(&location),
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
        self.read_with(|database| &database.readers, job).await
    }

    /// The same for what memory needs to follow the log: no client's question is in its way.
    async fn follow<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.read_with(|database| &database.followers, job).await
    }

    async fn read_with<T: Send + 'static>(
        &self,
        readers: fn(&Database) -> &Readers,
        job: impl FnOnce(&mut Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = readers(&self.database).permit().await;
        self.run(move |database| {
            // Held for as long as the job runs, which does not end when nobody waits for it.
            let _permit = permit;
            readers(database).with(job)
        })
        .await
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
    async fn load(
        &self,
        now: UnixTime,
        accounts: mpsc::Sender<Vec<Principal>>,
    ) -> Result<Snapshot, StoreError> {
        self.read(move |connection| snapshot::read(connection, now, &accounts)).await
    }

    async fn commit(
        &self,
        now: UnixTime,
        batch: &[Transaction],
    ) -> Result<Vec<Result<Seq, Stale>>, StoreError> {
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

    async fn events(
        &self,
        org_id: OrgId,
        filter: &EventFilter,
    ) -> Result<(Vec<Entry>, u64), StoreError> {
        let filter = filter.clone();
        self.read(move |connection| log::events(connection, org_id, &filter)).await
    }

    async fn installation(&self) -> Result<Option<InstallationLock>, StoreError> {
        self.read(|connection| Ok(key::installation(connection)?)).await
    }

    async fn signing_keys(&self) -> Result<Vec<WrappedKey>, StoreError> {
        self.follow(|connection| Ok(key::signing_keys(connection)?)).await
    }

    async fn principal(&self, client_id: ClientId) -> Result<Option<Principal>, StoreError> {
        self.follow(move |connection| {
            let tx = connection.transaction()?; // one transaction, one moment
            let mut found = None;
            principal::principals(&tx, Some(client_id), |account| found = Some(account))?;
            Ok(found)
        })
        .await
    }

    async fn organization(
        &self,
        org_id: OrgId,
    ) -> Result<Option<Versioned<Organization>>, StoreError> {
        self.follow(move |connection| {
            Ok(organization::organizations(connection, Some(org_id))?.pop())
        })
        .await
    }

    async fn group(&self, group_id: GroupId) -> Result<Option<Group>, StoreError> {
        self.follow(move |connection| Ok(organization::groups(connection, Some(group_id))?.pop()))
            .await
    }

    async fn accounts(&self, client_ids: &[ClientId]) -> Result<Vec<ServiceAccount>, StoreError> {
        let client_ids = client_ids.to_vec();
        self.read(move |connection| account::accounts(connection, &client_ids)).await
    }

    async fn api_key_principal(&self, id: ApiKeyId) -> Result<Option<ApiKeyPrincipal>, StoreError> {
        self.follow(move |connection| {
            let tx = connection.transaction()?; // one transaction, one moment
            Ok(api_key::principals(&tx, Some(id))?.pop())
        })
        .await
    }

    async fn api_keys(&self, ids: &[ApiKeyId]) -> Result<Vec<ApiKey>, StoreError> {
        let ids = ids.to_vec();
        self.read(move |connection| api_key::api_keys(connection, &ids)).await
    }

    async fn access_entries(&self, owner: PrincipalId) -> Result<Vec<AccessEntry>, StoreError> {
        self.read(move |connection| access_list::access_entries(connection, owner)).await
    }

    async fn dead_blocks(&self, of: &[TokensOf]) -> Result<Vec<BlockRef>, StoreError> {
        let of = of.to_vec();
        self.follow(move |connection| status_list::dead_blocks(connection, &of)).await
    }

    async fn issued(&self, client_id: ClientId) -> Result<Vec<Issued>, StoreError> {
        self.read(move |connection| status_list::issued(connection, client_id)).await
    }

    async fn note_issued(&self, issued: &[Issued]) -> Result<(), StoreError> {
        for slice in issued.chunks(upkeep::SLICE) {
            let slice = slice.to_vec();
            self.write(move |connection| upkeep::note_issued(connection, &slice)).await?;
        }
        Ok(())
    }

    async fn touch_secrets(&self, used: &[(SecretId, UnixTime)]) -> Result<(), StoreError> {
        for slice in used.chunks(upkeep::SLICE) {
            let slice = slice.to_vec();
            self.write(move |connection| upkeep::touch_secrets(connection, &slice)).await?;
        }
        Ok(())
    }

    async fn touch_access_entries(&self, used: &[AccessEntryUse]) -> Result<(), StoreError> {
        for slice in used.chunks(upkeep::SLICE) {
            let slice = slice.to_vec();
            self.write(move |connection| upkeep::touch_access_entries(connection, &slice)).await?;
        }
        Ok(())
    }

    async fn size(&self) -> Result<u64, StoreError> {
        self.run(|database| Ok(database.location.size()?)).await
    }

    async fn forget_dead_lists(&self, now: UnixTime) -> Result<(), StoreError> {
        while self.write(move |connection| upkeep::forget_slice(connection, now)).await? {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// As many questions as can be asked at once, each until the sender is dropped.
    async fn questions(store: &Arc<SqliteStore>) -> (Vec<task::JoinHandle<()>>, mpsc::Sender<()>) {
        let (release, held) = mpsc::channel::<()>();
        let held = Arc::new(std::sync::Mutex::new(held));
        let (begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
        let mut asked = Vec::new();
        for _ in 0..store.database.readers.free() {
            let (store, held, begun) = (Arc::clone(store), Arc::clone(&held), begun.clone());
            asked.push(tokio::spawn(async move {
                let job = move |_: &mut Connection| {
                    begun.send(()).unwrap();
                    let _ended = held.lock().unwrap().recv();
                    Ok(())
                };
                store.read(job).await.unwrap();
            }));
        }
        for _ in &asked {
            begins.recv().await.unwrap();
        }
        (asked, release)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_memory_follows_the_log_with_waits_for_no_question() {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(dir.path()).unwrap());
        let (asked, release) = questions(&store).await;
        assert_eq!(store.group(GroupId::from_bytes([7; 12])).await.unwrap(), None);
        drop(release);
        for question in asked {
            question.await.unwrap();
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_question_takes_its_place_until_it_ends_although_nobody_waits_for_it() {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(dir.path()).unwrap());
        let (asked, release) = questions(&store).await;
        for question in asked {
            question.abort();
            assert!(question.await.unwrap_err().is_cancelled());
        }
        assert_eq!(store.database.readers.free(), 0);
        drop(release);
    }
}
