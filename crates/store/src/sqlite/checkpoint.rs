//! Moving the write-ahead log into the database, beside the commits and not on their way.
//!
//! A checkpoint costs 10 to 30 ms, so it does not run within a commit as SQLite would have it.
//! A pass beside constant commits never gets to the end of the log, though, and only a log that
//! was moved to its end is written from its start again: so there are two passes, a long one
//! beside the commits, and a short one between two of them for what came in meanwhile.

use std::{
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
};

use rusqlite::Connection;

use super::{Database, error::Failure};

/// Pages in the log from which on it is moved: 16 MiB.
const FRAMES: u32 = 4096;

/// The thread that does it. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Checkpointer {
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    pub(super) fn start(database: &Arc<Database>) -> Result<Self, Failure> {
        let connection = database.location.open_checkpointer()?;
        let (wake, woken) = sync_channel(1);
        let database = Arc::clone(database);
        let thread = thread::Builder::new()
            .name("checkpointer".to_owned())
            .spawn(move || run(&connection, &database, &woken))?;
        Ok(Self { wake: Some(wake), thread: Some(thread) })
    }

    /// Told of the length of the log after a commit, starts a checkpoint if that is due.
    pub(super) fn notice(&self, frames: u32) {
        if frames >= FRAMES
            && let Some(wake) = &self.wake
        {
            let _already_awake = wake.try_send(());
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        drop(self.wake.take());
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

fn run(connection: &Connection, database: &Database, woken: &Receiver<()>) {
    // The length of a log that a reader kept from being moved: to be left alone until it has
    // grown by as much again.
    let mut kept = 0;
    while woken.recv().is_ok() {
        if frames(connection) < kept + FRAMES {
            continue;
        }
        match checkpoint(connection, database) {
            Ok(Progress { log, moved }) => kept = if moved < log { log } else { 0 },
            // The log is as safe as the database, and the next commit asks again.
            Err(error) => tracing::warn!(%error, "the write-ahead log could not be moved"),
        }
    }
}

fn checkpoint(connection: &Connection, database: &Database) -> rusqlite::Result<Progress> {
    pass(connection, "PASSIVE")?;
    let _between_commits = database.writer.blocking_lock();
    pass(connection, "PASSIVE")
}

/// Pages in the log; zero when that cannot be told.
pub(super) fn frames(connection: &Connection) -> u32 {
    pass(connection, "NOOP").map_or(0, |progress| progress.log)
}

/// Pages in the log, and how many of them are in the database.
struct Progress {
    log: u32,
    moved: u32,
}

fn pass(connection: &Connection, mode: &str) -> rusqlite::Result<Progress> {
    connection
        .prepare_cached(&format!("PRAGMA wal_checkpoint({mode})"))?
        .query_row([], |row| Ok(Progress { log: row.get(1)?, moved: row.get(2)? }))
}

#[cfg(test)]
mod tests {
    use std::{
        sync::Arc,
        time::{Duration, Instant},
    };

    use rescind_core::{clock::UnixTime, id::ClientId};
    use tokio::task::JoinSet;

    use super::FRAMES;
    use crate::{Actor, Change, SqliteStore, Store, Transaction};

    const FRAME: u64 = 4096 + 24;

    fn batch() -> [Transaction; 1] {
        let client_id = ClientId::from_bytes([1; 12]);
        let changes = vec![Change::AccountTokensRevoked { client_id }; 4096];
        [Transaction { actor: Actor::Server, org_id: None, decided_of: None, changes }]
    }

    /// Without the second pass it is not: one committer is always in the way of the first.
    #[tokio::test(flavor = "multi_thread")]
    async fn the_log_is_bounded_while_commits_never_pause() {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(dir.path()).unwrap());
        let path = dir.path().to_owned();
        let length = move |name| std::fs::metadata(path.join(name)).unwrap().len();
        let bound = 3 * u64::from(FRAMES) * FRAME;
        let started = Instant::now();
        let mut committers = JoinSet::new();
        for _ in 0..3 {
            let (store, length) = (Arc::clone(&store), length.clone());
            committers.spawn(async move {
                // Entries are only appended: what the database has grown by went through the log.
                while length("rescind.db") < 2 * bound {
                    assert!(started.elapsed() < Duration::from_mins(5), "nothing is checkpointed");
                    store.commit(UnixTime::from_second(0), &batch()).await.unwrap();
                    let log = length("rescind.db-wal");
                    assert!(log < bound, "{} MiB", log >> 20);
                }
            });
        }
        committers.join_all().await;
    }

    #[tokio::test]
    async fn a_store_that_is_closed_leaves_no_log_behind() {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(dir.path()).unwrap();
        store.commit(UnixTime::from_second(0), &batch()).await.unwrap();
        store.snapshot(UnixTime::from_second(0)).await.unwrap();
        drop(store);
        let mut files: Vec<_> = std::fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        assert_eq!(files, ["rescind.db", "rescind.lock"]);
    }
}
