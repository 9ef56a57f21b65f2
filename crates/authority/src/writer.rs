//! Group commit: many requests share one commit, and each waits for the disk once.
//!
//! When the disk cannot keep up, requests are refused before anything is done for them, so that
//! those that are not are answered in bounded time.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use rescind_core::clock::Clock;
use rescind_store::{Seq, Stale, Store, StoreError, Transaction};
use tokio::{
    sync::{
        mpsc::{self, error::TrySendError},
        oneshot,
    },
    time::{Instant, timeout},
};

use crate::{Effects, feed::Feed, metrics::Metrics, view::View};

/// The most transactions of one commit: it bounds how long the first of them waits.
const MAX_BATCH: usize = 512;

/// How many transactions may wait for their commit; whoever comes after them is refused.
const QUEUE: usize = 4096;

/// How long one may wait for its turn: longer than a disk hiccups, shorter than clients wait.
const PATIENCE: Duration = Duration::from_secs(2);

/// Log entries read at a time when the view has fallen behind.
const CATCH_UP: u32 = 1024;

/// A change is not known to be durable. One failure is told to all who shared the commit.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CommitError {
    /// The store failed.
    #[error(transparent)]
    Store(Arc<StoreError>),
    /// What it was decided of has changed meanwhile. Nothing of it was recorded.
    #[error(transparent)]
    Stale(#[from] Stale),
    /// The store cannot keep up. Nothing was recorded, and nothing will be.
    #[error("the store cannot keep up with what is asked of it")]
    Overloaded,
    /// The authority is shutting down.
    #[error("the server is shutting down")]
    Stopped,
}

struct Waiting {
    transaction: Transaction,
    since: Instant,
    done: Done,
}

/// Tells whoever waits what became of it.
type Done = oneshot::Sender<Result<Seq, CommitError>>;

/// A place in the queue, for one transaction.
pub(crate) struct Place<'a>(mpsc::Permit<'a, Waiting>);

impl Place<'_> {
    /// Makes a transaction durable, and returns the number of its first change.
    ///
    /// When this returns `Ok`, it is on disk and in the view. It is recorded even when the caller
    /// stops waiting: a client that hangs up undoes nothing.
    pub(crate) async fn commit(self, transaction: Transaction) -> Result<Seq, CommitError> {
        let (done, answer) = oneshot::channel();
        self.0.send(Waiting { transaction, since: Instant::now(), done });
        answer.await.map_err(|_| CommitError::Stopped)?
    }
}

/// The only caller of [`Store::commit`] while the server runs.
pub(crate) struct Writer {
    queue: mpsc::Sender<Waiting>,
    record: Arc<Record>,
    metrics: Metrics,
}

/// How commits have gone so far.
#[derive(Debug, Default)]
struct Record {
    succeeded: AtomicU64,
    failed: AtomicU64,
    /// Whether the last one could not be written.
    unwritten: AtomicBool,
    /// Whether the last one was written, and memory could not follow.
    unfollowed: AtomicBool,
    /// Whether one is being written, and takes too long.
    stalled: AtomicBool,
}

impl Writer {
    /// Starts the task that commits; it ends when the writer is dropped.
    pub(crate) fn start(
        store: Arc<dyn Store>,
        view: Arc<View>,
        clock: Arc<dyn Clock>,
        metrics: Metrics,
        feed: Arc<Feed>,
    ) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let record = Arc::<Record>::default();
        let committer = Committer {
            store,
            view,
            clock,
            metrics: metrics.clone(),
            feed,
            record: Arc::clone(&record),
        };
        tokio::spawn(committer.run(waiting));
        Self { queue, record, metrics }
    }

    /// How many commits have succeeded so far.
    pub(crate) fn commits(&self) -> u64 {
        self.record.succeeded.load(Ordering::Relaxed)
    }

    /// Whether the last commit could be written and the present one does not hang, and whether
    /// memory followed the last that was written.
    pub(crate) fn health(&self) -> (bool, bool) {
        let Record { unwritten, unfollowed, stalled, .. } = &*self.record;
        let writable = !unwritten.load(Ordering::Relaxed) && !stalled.load(Ordering::Relaxed);
        (writable, !unfollowed.load(Ordering::Relaxed))
    }

    /// How many commits have failed so far. After one more, the disk may know what memory does
    /// not, until the next commit succeeds.
    pub(crate) fn failures(&self) -> u64 {
        self.record.failed.load(Ordering::Acquire)
    }

    /// A place in the queue, if the store keeps up: what must not be begun in vain asks for one
    /// first.
    pub(crate) fn place(&self) -> Result<Place<'_>, CommitError> {
        let place = if self.record.stalled.load(Ordering::Relaxed) {
            Err(CommitError::Overloaded)
        } else {
            self.queue.try_reserve().map(Place).map_err(|error| match error {
                TrySendError::Full(()) => CommitError::Overloaded,
                TrySendError::Closed(()) => CommitError::Stopped,
            })
        };
        place.inspect_err(|_| self.metrics.refused())
    }

    /// Makes a transaction durable: [`Place::commit`].
    pub(crate) async fn commit(&self, transaction: Transaction) -> Result<Seq, CommitError> {
        self.place()?.commit(transaction).await
    }
}

/// What the writer's task works with.
struct Committer {
    store: Arc<dyn Store>,
    view: Arc<View>,
    clock: Arc<dyn Clock>,
    metrics: Metrics,
    feed: Arc<Feed>,
    record: Arc<Record>,
}

impl Committer {
    async fn run(self, mut queue: mpsc::Receiver<Waiting>) {
        let mut batch = Vec::with_capacity(MAX_BATCH);
        while queue.recv_many(&mut batch, MAX_BATCH).await > 0 {
            let now = Instant::now();
            let in_time = batch.drain(..).filter_map(|waiting| {
                let Waiting { transaction, since, done } = waiting;
                if now - since > PATIENCE {
                    self.refuse(done);
                    return None;
                }
                Some((transaction, done))
            });
            let (transactions, waiting): (Vec<_>, Vec<_>) = in_time.unzip();
            if transactions.is_empty() {
                continue;
            }
            match self.commit_or_refuse(&transactions, &mut queue).await {
                Ok(numbers) => {
                    for (done, number) in waiting.into_iter().zip(numbers) {
                        let _gone: Result<_, _> = done.send(number.map_err(CommitError::from));
                    }
                }
                Err(error) => {
                    let error = CommitError::Store(Arc::new(error));
                    for done in waiting {
                        let _gone: Result<_, _> = done.send(Err(error.clone()));
                    }
                }
            }
        }
    }

    fn refuse(&self, done: Done) {
        self.metrics.refused();
        let _gone: Result<_, _> = done.send(Err(CommitError::Overloaded));
    }

    /// Makes a batch durable. When that takes too long, whoever waits behind it is refused until
    /// it is done.
    async fn commit_or_refuse(
        &self,
        transactions: &[Transaction],
        queue: &mut mpsc::Receiver<Waiting>,
    ) -> Result<Vec<Result<Seq, Stale>>, StoreError> {
        let mut commit = pin!(self.commit(transactions));
        if let Ok(committed) = timeout(PATIENCE, &mut commit).await {
            return committed;
        }
        tracing::warn!("a commit takes more than {PATIENCE:?}: what waits behind it is refused");
        self.record.stalled.store(true, Ordering::Relaxed);
        let committed = loop {
            tokio::select! {
                committed = &mut commit => break committed,
                Some(waiting) = queue.recv() => self.refuse(waiting.done),
            }
        };
        self.record.stalled.store(false, Ordering::Relaxed);
        committed
    }

    /// Makes a batch durable, brings the view up to it, and notes how that went before anybody is
    /// told.
    async fn commit(
        &self,
        transactions: &[Transaction],
    ) -> Result<Vec<Result<Seq, Stale>>, StoreError> {
        let started = Instant::now();
        let written = self.store.commit(self.clock.now(), transactions).await;
        self.record.unwritten.store(written.is_err(), Ordering::Relaxed);
        let committed = match written {
            Ok(numbers) => {
                let followed = follow(&self.view, &*self.store, transactions, &numbers).await;
                self.record.unfollowed.store(followed.is_err(), Ordering::Relaxed);
                followed.map(|effects| {
                    self.feed.publish(self.view.seq(), effects);
                    numbers
                })
            }
            Err(error) => Err(error),
        };
        let outcome = if committed.is_ok() { &self.record.succeeded } else { &self.record.failed };
        outcome.fetch_add(1, Ordering::Release);
        let size = u32::try_from(transactions.len()).unwrap_or(u32::MAX);
        self.metrics.committed(size, started.elapsed(), committed.is_ok());
        committed
    }
}

/// Brings the view up to a batch that was just committed; what it did.
async fn follow(
    view: &View,
    store: &dyn Store,
    transactions: &[Transaction],
    numbers: &[Result<Seq, Stale>],
) -> Result<Effects, StoreError> {
    let first = numbers.iter().find_map(|number| number.ok());
    let Some(first) = first else { return Ok(Effects::default()) };
    if first != view.seq().next() {
        // An earlier commit was reported as failed and had reached the disk all the same, or what
        // it changed could not be read. The log knows.
        return catch_up(view, store).await;
    }
    let recorded = transactions.iter().zip(numbers).filter(|(_, number)| number.is_ok());
    let changes = recorded.flat_map(|(transaction, _)| {
        transaction.changes.iter().map(|change| (transaction.org_id, change.event()))
    });
    let numbers = (first.0..).map(Seq);
    let entries = numbers.zip(changes).map(|(seq, (org_id, event))| (seq, org_id, event));
    view.include(&entries.collect::<Vec<_>>(), store).await
}

async fn catch_up(view: &View, store: &dyn Store) -> Result<Effects, StoreError> {
    let mut missed = Vec::new();
    let mut last = view.seq();
    loop {
        let entries = store.entries(last, CATCH_UP).await?;
        let Some(entry) = entries.last() else { return view.include(&missed, store).await };
        last = entry.seq;
        missed.extend(entries.into_iter().map(|entry| (entry.seq, entry.org_id, entry.event)));
    }
}
