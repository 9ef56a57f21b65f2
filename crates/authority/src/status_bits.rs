//! Which bit of which status list the next token gets.
//!
//! Each secret takes blocks of the list that is open, one commit for up to [`MOST_BLOCKS`] of them,
//! and hands their bits out from memory. A process never goes on with a list that another one,
//! or an earlier run, has opened: so no two tokens can share a bit, whatever was lost in a crash.

use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use arc_swap::ArcSwapOption;
use rescind_core::{
    clock::UnixTime,
    id::SecretId,
    status_list::{BlockRef, FreeBits, LIST_BLOCKS, ListId, StatusList, StatusRef, Term},
};
use rescind_store::{Actor, Change, Transaction};
use tokio::sync::Mutex;

use crate::{Client, CommitError, Inner};

/// The most blocks that a secret takes at once: a busy one then commits once in 1024 tokens.
const MOST_BLOCKS: u32 = 16;

/// Where the bits come from.
#[derive(Default)]
pub(crate) struct StatusBits {
    open: ArcSwapOption<OpenList>,
    /// Held by whoever opens the next list; all others wait for it.
    opening: Mutex<()>,
}

/// The list that new tokens go to.
struct OpenList {
    id: ListId,
    list: Arc<StatusList>,
    /// The first block that nobody has taken.
    next_block: AtomicU32,
    /// What each secret has left of the blocks that it took.
    shares: papaya::HashMap<SecretId, Arc<Mutex<Share>>>,
}

#[derive(Default)]
struct Share {
    bits: Option<FreeBits>,
    /// Blocks taken whose bits are all free.
    spare: Range<u32>,
    /// How many blocks were taken of this list so far.
    taken: u32,
    /// How many commits had failed when the blocks were taken.
    failures: u64,
}

impl StatusBits {
    /// A bit that no token has, for a token of `client` issued `now`.
    pub(crate) async fn take(
        &self,
        inner: &Inner,
        client: &Client,
        now: UnixTime,
    ) -> Result<StatusRef, CommitError> {
        loop {
            let open = self.open_list(inner, now).await?;
            if let Some(status) = open.take(inner, client).await? {
                return Ok(status);
            }
        }
    }

    /// Forgets the list if its tokens have all expired by `now`: the store forgets it too, and a
    /// clock that is set back must not make it take tokens again.
    pub(crate) fn forget_dead_list(&self, now: UnixTime) {
        if self.open.load().as_ref().is_some_and(|open| open.list.term().dies_at <= now) {
            self.open.store(None);
        }
    }

    /// The list that takes tokens `now`; the first to find none opens it.
    async fn open_list(&self, inner: &Inner, now: UnixTime) -> Result<Arc<OpenList>, CommitError> {
        let usable = || self.open.load_full().filter(|open| open.takes_tokens(now));
        if let Some(open) = usable() {
            return Ok(open);
        }
        let _opening = self.opening.lock().await;
        if let Some(open) = usable() {
            return Ok(open);
        }
        let changes = vec![Change::StatusListOpened(Term::starting(now))];
        let seq = inner
            .writer
            .commit(Transaction { actor: Actor::Server, org_id: None, decided_of: None, changes })
            .await?;
        let id = ListId::from_number(seq.0);
        // The writer has included it in the view, unless a clock that leapt has killed it since.
        let list =
            inner.view.list(id).unwrap_or_else(|| StatusList::new(Term::starting(now)).into());
        let open = Arc::new(OpenList {
            id,
            list,
            next_block: AtomicU32::new(0),
            shares: papaya::HashMap::new(),
        });
        self.open.store(Some(Arc::clone(&open)));
        Ok(open)
    }
}

impl OpenList {
    fn takes_tokens(&self, now: UnixTime) -> bool {
        now < self.list.term().closes_at && self.next_block.load(Ordering::Relaxed) < LIST_BLOCKS
    }

    /// A bit of this list for a token of `client`; `None` when the list is full.
    async fn take(&self, inner: &Inner, client: &Client) -> Result<Option<StatusRef>, CommitError> {
        let share =
            Arc::clone(self.shares.pin().get_or_insert_with(client.secret_id, Arc::default));
        let mut share = share.lock().await;
        loop {
            // The commit that failed may have revoked, on disk, every bit of the blocks in hand.
            // To take another block is a commit, and one that succeeds settles what was in doubt.
            let failures = inner.writer.failures();
            if share.failures != failures {
                (share.bits, share.spare, share.failures) = (None, 0..0, failures);
            }
            let bit = share.bits.as_mut().and_then(|bits| bits.take(chance(inner)));
            match bit {
                // A bit that is set before it is used: all tokens of the secret or the account
                // were taken back while this block was in hand.
                Some(bit) if self.list.is_set(bit.index) => share.bits = None,
                Some(bit) => return Ok(Some(bit)),
                None => {
                    let Some(number) = self.next_block(inner, client, &mut share).await? else {
                        return Ok(None);
                    };
                    share.bits = Some(FreeBits::of(BlockRef { list: self.id, number }));
                }
            }
        }
    }

    /// A block of the secret's own, durably so; `None` when the list is full.
    async fn next_block(
        &self,
        inner: &Inner,
        client: &Client,
        share: &mut Share,
    ) -> Result<Option<u32>, CommitError> {
        if let Some(number) = share.spare.next() {
            return Ok(Some(number));
        }
        // Before the blocks are nobody else's: an overload must not use up the list.
        let place = inner.writer.place()?;
        // As many as were needed so far: few lie idle, and a busy secret seldom waits.
        let count = share.taken.clamp(1, MOST_BLOCKS);
        let first = self.next_block.fetch_add(count, Ordering::Relaxed);
        if first > LIST_BLOCKS - count {
            return Ok(None);
        }
        let changes = vec![Change::BlocksTaken {
            list: self.id,
            first,
            count,
            client_id: client.principal.client_id,
            secret_id: client.secret_id,
        }];
        // If this fails, the blocks are nobody's for ever: they may be on disk all the same.
        let actor = client.actor();
        place.commit(Transaction { actor, org_id: None, decided_of: None, changes }).await?;
        share.taken += count;
        share.spare = first..first + count;
        Ok(share.spare.next())
    }
}

fn chance(inner: &Inner) -> u32 {
    let mut bytes = [0; 4];
    inner.random.fill(&mut bytes);
    u32::from_le_bytes(bytes)
}
