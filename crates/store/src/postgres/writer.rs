//! The one session that writes. It holds the lock that keeps other processes out: whoever loses
//! the session has lost the lock, and cannot write without taking it again.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use deadpool_postgres::{Client, Hook, HookError, Pool};

use super::{database_url::DatabaseUrl, error::Failure, pool};
use crate::Seq;

/// How long a job waits for those before it.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a session that writes is set up: what was committed is on disk, whatever the default; and
/// when this machine is gone or stands still, so is the session soon, with its locks.
const SET_UP: &str = "
    SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') = 'off';
    SET tcp_keepalives_idle = 5;
    SET tcp_keepalives_interval = 5;
    SET tcp_keepalives_count = 3;
    SET idle_in_transaction_session_timeout = '30s';
    SET lock_timeout = '3s'";

/// Takes the lock of the tables; its number begins with "RSCD". Whoever had it and was killed a
/// moment ago may still be on the way out, so it is waited for.
const LOCK: &str = "SELECT pg_advisory_lock((1381188420::bigint << 32) | oid::bigint)
                    FROM pg_namespace WHERE nspname = current_schema()";

/// The session, and how far it has come.
#[derive(Debug)]
pub(super) struct Writer {
    /// Of one session. It is fair: a commit that waits goes before the next slice of housekeeping.
    pool: Pool,
    /// Whether a transaction was begun, and not known to be committed.
    is_open: AtomicBool,
    /// The last number that was given.
    last: AtomicU64,
}

impl Writer {
    /// Takes its session, and the lock, when it is first asked for.
    pub(super) fn new(url: &DatabaseUrl) -> Result<Self, Failure> {
        let take_lock = Hook::async_fn(|client, _| {
            Box::pin(async move {
                client.batch_execute(SET_UP).await.map_err(HookError::Backend)?;
                client.batch_execute(LOCK).await.map_err(HookError::Backend)
            })
        });
        let pool = pool(url, 1, PATIENCE)?.post_create(take_lock).build();
        let pool = pool.map_err(|error| Failure::Unavailable(error.to_string()))?;
        Ok(Self { pool, is_open: AtomicBool::default(), last: AtomicU64::default() })
    }

    /// The session, for one job.
    pub(super) async fn session(&self) -> Result<Client, Failure> {
        let client = self.pool.get().await?;
        if self.is_open.load(Ordering::Relaxed) {
            // The job before failed, or was given up on its way.
            client.batch_execute("ROLLBACK").await?;
            self.is_open.store(false, Ordering::Relaxed);
        }
        Ok(client)
    }

    /// Must be told before a transaction is begun.
    pub(super) fn begins(&self) {
        self.is_open.store(true, Ordering::Relaxed);
    }

    /// Is told when it was committed, and the last number that was given then.
    pub(super) fn committed(&self, last: Seq) {
        self.is_open.store(false, Ordering::Relaxed);
        self.last.fetch_max(last.0, Ordering::Relaxed);
    }

    /// The last number that was given, as far as this process knows.
    pub(super) fn last(&self) -> Seq {
        Seq(self.last.load(Ordering::Relaxed))
    }
}
