//! The backends that the promises are held to.

use std::sync::Arc;

use async_trait::async_trait;
use rescind_harness::Database;
use rescind_store::{PostgresStore, SqliteStore, Store};
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

/// A place for one store, which nobody else has, empty in the beginning.
#[async_trait]
pub(crate) trait Backend: Send + Sync {
    /// The store there: created the first time, opened again when the one before was dropped.
    async fn open(&self) -> Arc<dyn Store>;

    /// Every byte of the log, as it lies in the database.
    async fn log_bytes(&self) -> Vec<u8>;
}

pub(crate) struct Sqlite(TempDir);

impl Sqlite {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn connection(&self) -> Connection {
        let file = self.0.path().join("rescind.db");
        Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
    }
}

#[async_trait]
impl Backend for Sqlite {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(self.0.path()).unwrap())
    }

    async fn log_bytes(&self) -> Vec<u8> {
        let sql =
            "SELECT CAST(concat_ws(' ', seq, at, actor, address, org_id, group_id, event) AS BLOB)
                   FROM changes ORDER BY seq";
        let connection = self.connection();
        let mut rows = connection.prepare(sql).unwrap();
        let rows = rows.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
        rows.flat_map(Result::unwrap).collect()
    }
}

pub(crate) struct Postgres(Database);

impl Postgres {
    pub(crate) fn new() -> Self {
        Self(Database::new().unwrap())
    }
}

#[async_trait]
impl Backend for Postgres {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(PostgresStore::open(&self.0.url().parse().unwrap()).await.unwrap())
    }

    async fn log_bytes(&self) -> Vec<u8> {
        let sql = "SELECT concat_ws(' ', seq, at, actor, address, org_id, group_id, event)
                   FROM changes ORDER BY seq";
        self.0.sql(sql).unwrap().into_bytes()
    }
}
