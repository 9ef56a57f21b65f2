//! [`Store`] on PostgreSQL: a database on a server (docs/storage.md).

mod access_list;
mod account;
mod api_key;
mod database_url;
mod error;
mod key;
mod log;
mod organization;
mod principal;
mod row;
mod schema;
mod snapshot;
mod status_list;
mod step;
mod tls;
mod upkeep;
mod write;
mod writer;

use std::{mem, time::Duration};

use async_trait::async_trait;
use deadpool_postgres::{
    Client, Manager, ManagerConfig, Pool, PoolBuilder, RecyclingMethod, Runtime, Transaction as Tx,
};
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
use tokio::{sync::mpsc, time::timeout};
use tokio_postgres::{IsolationLevel, NoTls};

pub use self::database_url::{DatabaseUrl, ParseDatabaseUrlError};
use self::{database_url::Tls, error::Failure, tls::MakeRustls, writer::Writer};
use crate::{
    AccessEntryUse, Entry, EventFilter, InstallationLock, Seq, Snapshot, Stale, Store, StoreError,
    TokensOf, Transaction, Versioned,
};

/// The most sessions that read, of each of the two kinds.
const READERS: usize = 4;

/// How long a reader waits for a free session, and the server may take to open one.
const PATIENCE: Duration = Duration::from_secs(10);

/// A read that takes longer has met a server that hangs. All but the reading of everything at a
/// start take milliseconds.
const LONGEST_READ: Duration = Duration::from_secs(30);

/// A store in one PostgreSQL database, which this process alone writes to.
#[derive(Debug)]
pub struct PostgresStore {
    /// For what clients ask for, which can take long.
    readers: Pool,
    /// For what memory follows the log with, while a commit waits to be answered.
    followers: Pool,
    writer: Writer,
    url: DatabaseUrl,
}

impl PostgresStore {
    /// Whether there is a store in the database.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be asked.
    pub async fn is_in(url: &DatabaseUrl) -> Result<bool, StoreError> {
        let asked = async {
            let client = readers(url)?.get().await?;
            schema::is_there(&client).await
        };
        asked.await.map_err(|failure: Failure| failure.at(&url.name))
    }

    /// Opens the store in the database, and creates it if that is empty.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when another process has it open, when it is not a store that this version
    /// can use, and when it cannot be read or written.
    pub async fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let opened = async {
            let writer = Writer::new(url)?;
            let session = writer.session().await?;
            writer.begins();
            writer.committed(schema::prepare(&session).await?);
            let (readers, followers) = (readers(url)?, readers(url)?);
            Ok(Self { readers, followers, writer, url: url.clone() })
        };
        opened.await.map_err(|failure: Failure| failure.at(&url.name))
    }

    /// Waits for `job`, which reads, but not for ever.
    async fn read<T>(
        &self,
        job: impl Future<Output = Result<T, Failure>> + Send,
    ) -> Result<T, StoreError> {
        let hangs = || Failure::Unavailable(format!("no answer came within {LONGEST_READ:?}"));
        let read = timeout(LONGEST_READ, job).await.map_err(|_| hangs()).flatten();
        read.map_err(|failure| failure.at(&self.url.name))
    }

    /// Waits for `job`, which writes.
    async fn write<T>(
        &self,
        job: impl Future<Output = Result<T, Failure>> + Send,
    ) -> Result<T, StoreError> {
        job.await.map_err(|failure| failure.at(&self.url.name))
    }

    async fn reader(&self) -> Result<Client, Failure> {
        Ok(self.readers.get().await?)
    }

    /// The same for what memory needs to follow the log: no client's question is in its way.
    async fn follower(&self) -> Result<Client, Failure> {
        Ok(self.followers.get().await?)
    }
}

/// What is read in it is of one moment.
async fn one_moment(client: &mut Client) -> Result<Tx<'_>, Failure> {
    let snapshot = IsolationLevel::RepeatableRead;
    Ok(client.build_transaction().isolation_level(snapshot).read_only(true).start().await?)
}

fn readers(url: &DatabaseUrl) -> Result<Pool, Failure> {
    let pool = pool(url, READERS, PATIENCE)?.build();
    pool.map_err(|error| Failure::Unavailable(error.to_string()))
}

/// A pool of up to `sessions`, each opened when it is needed, and kept.
fn pool(url: &DatabaseUrl, sessions: usize, patience: Duration) -> Result<PoolBuilder, Failure> {
    let config = url.config.clone();
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = match &url.tls {
        Tls::Off => Manager::from_config(config, NoTls, recycling),
        Tls::Verified { roots } => {
            Manager::from_config(config, MakeRustls::new(roots.as_deref())?, recycling)
        }
    };
    Ok(Pool::builder(manager)
        .max_size(sessions)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(patience))
        .create_timeout(Some(PATIENCE)))
}

#[async_trait]
impl Store for PostgresStore {
    async fn load(
        &self,
        now: UnixTime,
        accounts: mpsc::Sender<Vec<Principal>>,
    ) -> Result<Snapshot, StoreError> {
        // As long as it takes.
        let mut snapshot = self
            .write(async {
                let mut client = self.reader().await?;
                snapshot::read(&one_moment(&mut client).await?, now).await
            })
            .await?;
        // Whoever has stopped to receive wants nothing of them.
        let _: Result<(), _> = accounts.send(mem::take(&mut snapshot.principals)).await;
        Ok(snapshot)
    }

    async fn commit(
        &self,
        now: UnixTime,
        batch: &[Transaction],
    ) -> Result<Vec<Result<Seq, Stale>>, StoreError> {
        self.write(async {
            let session = self.writer.session().await?;
            self.writer.begins();
            let not_before = self.writer.last();
            let (numbers, last) = write::commit(&session, now, batch, not_before).await?;
            self.writer.committed(last);
            Ok(numbers)
        })
        .await
    }

    async fn entries(&self, after: Seq, limit: u32) -> Result<Vec<Entry>, StoreError> {
        self.read(async { log::entries(&self.reader().await?, after, limit).await }).await
    }

    async fn events(
        &self,
        org_id: OrgId,
        filter: &EventFilter,
    ) -> Result<(Vec<Entry>, u64), StoreError> {
        self.read(async {
            let mut client = self.reader().await?;
            log::events(&one_moment(&mut client).await?, org_id, filter).await
        })
        .await
    }

    async fn installation(&self) -> Result<Option<InstallationLock>, StoreError> {
        self.read(async { key::installation(&self.reader().await?).await }).await
    }

    async fn signing_keys(&self) -> Result<Vec<WrappedKey>, StoreError> {
        self.read(async { key::signing_keys(&self.follower().await?).await }).await
    }

    async fn principal(&self, client_id: ClientId) -> Result<Option<Principal>, StoreError> {
        self.read(async {
            let mut client = self.follower().await?;
            let tx = one_moment(&mut client).await?;
            Ok(principal::principals(&tx, Some(client_id)).await?.pop())
        })
        .await
    }

    async fn organization(
        &self,
        org_id: OrgId,
    ) -> Result<Option<Versioned<Organization>>, StoreError> {
        self.read(async {
            Ok(organization::organizations(&self.follower().await?, Some(org_id)).await?.pop())
        })
        .await
    }

    async fn group(&self, group_id: GroupId) -> Result<Option<Group>, StoreError> {
        self.read(async {
            Ok(organization::groups(&self.follower().await?, Some(group_id)).await?.pop())
        })
        .await
    }

    async fn accounts(&self, client_ids: &[ClientId]) -> Result<Vec<ServiceAccount>, StoreError> {
        self.read(async {
            let mut client = self.reader().await?;
            account::accounts(&one_moment(&mut client).await?, client_ids).await
        })
        .await
    }

    async fn api_key_principal(&self, id: ApiKeyId) -> Result<Option<ApiKeyPrincipal>, StoreError> {
        self.read(async {
            let mut client = self.follower().await?;
            let tx = one_moment(&mut client).await?;
            Ok(api_key::principals(&tx, Some(id)).await?.pop())
        })
        .await
    }

    async fn api_keys(&self, ids: &[ApiKeyId]) -> Result<Vec<ApiKey>, StoreError> {
        self.read(async { api_key::api_keys(&self.reader().await?, ids).await }).await
    }

    async fn access_entries(&self, owner: PrincipalId) -> Result<Vec<AccessEntry>, StoreError> {
        self.read(async { access_list::access_entries(&self.reader().await?, owner).await }).await
    }

    async fn dead_blocks(&self, of: &[TokensOf]) -> Result<Vec<BlockRef>, StoreError> {
        self.read(async { status_list::dead_blocks(&self.follower().await?, of).await }).await
    }

    async fn issued(&self, client_id: ClientId) -> Result<Vec<Issued>, StoreError> {
        self.read(async { status_list::issued(&self.reader().await?, client_id).await }).await
    }

    async fn note_issued(&self, issued: &[Issued]) -> Result<(), StoreError> {
        for slice in issued.chunks(upkeep::SLICE) {
            self.write(async { upkeep::note_issued(&self.writer.session().await?, slice).await })
                .await?;
        }
        Ok(())
    }

    async fn touch_secrets(&self, used: &[(SecretId, UnixTime)]) -> Result<(), StoreError> {
        for slice in used.chunks(upkeep::SLICE) {
            self.write(async { upkeep::touch_secrets(&self.writer.session().await?, slice).await })
                .await?;
        }
        Ok(())
    }

    async fn touch_access_entries(&self, used: &[AccessEntryUse]) -> Result<(), StoreError> {
        for slice in used.chunks(upkeep::SLICE) {
            self.write(async {
                upkeep::touch_access_entries(&self.writer.session().await?, slice).await
            })
            .await?;
        }
        Ok(())
    }

    async fn size(&self) -> Result<u64, StoreError> {
        self.read(async { schema::size(&self.reader().await?).await }).await
    }

    async fn forget_dead_lists(&self, now: UnixTime) -> Result<(), StoreError> {
        let slice = async || {
            self.write(async { upkeep::forget_slice(&self.writer.session().await?, now).await })
                .await
        };
        while slice().await? {}
        Ok(())
    }
}
