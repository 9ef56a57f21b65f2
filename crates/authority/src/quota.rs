//! How many live tokens an account can have (oauth-endpoints.md 5.1 row 11).

use std::{num::NonZeroU32, sync::Arc};

use rescind_core::{
    clock::UnixTime,
    id::ClientId,
    live_tokens::{LiveTokens, QuotaReached},
    status_list::{BlockRef, ListId},
};
use rescind_store::{Snapshot, StoreError};
use tokio::task::yield_now;

use crate::{CommitError, Inner, issue::IssueError, metrics::Limit};

/// What is counted, and what earlier runs have left to be counted.
pub(crate) struct Quota {
    tokens: LiveTokens,
    /// The last list that an earlier run has opened, and when they are all dead.
    earlier: Option<(ListId, UnixTime)>,
}

impl Quota {
    pub(crate) fn new(limit: NonZeroU32, snapshot: &Snapshot) -> Self {
        let last = snapshot.lists.iter().map(|list| list.id).max();
        let dead_at = snapshot.lists.iter().map(|list| list.term.dies_at).max();
        Self { tokens: LiveTokens::new(limit), earlier: last.zip(dead_at) }
    }

    /// Whether an account may have one more token `now`.
    pub(crate) async fn room_for(
        &self,
        inner: &Inner,
        client_id: ClientId,
        now: UnixTime,
    ) -> Result<(), IssueError> {
        if let Some((last, dead_at)) = self.earlier
            && now < dead_at
            && !self.tokens.knows(client_id)
        {
            // Once in an hour after a start; the account will wait for a block anyway.
            let blocks = inner.store.issued(client_id).await;
            let blocks = blocks.map_err(|error| CommitError::Store(Arc::new(error)))?;
            let earlier = blocks.into_iter().filter(|issued| issued.list <= last);
            self.tokens.take_over(client_id, earlier.collect());
        }
        let room = self.tokens.room_for(client_id, |block| inner.view.bits(block, now));
        Ok(room.inspect_err(|_| inner.metrics.reached(Limit::LiveTokens))?)
    }

    /// Counts a token of an account with a bit of `block`, if there is room for it still.
    pub(crate) fn count(
        &self,
        inner: &Inner,
        client_id: ClientId,
        block: BlockRef,
        now: UnixTime,
    ) -> Result<(), QuotaReached> {
        let counted = self.tokens.count(client_id, block, |block| inner.view.bits(block, now));
        counted.inspect_err(|_| inner.metrics.reached(Limit::LiveTokens))
    }

    /// How many tokens live `now`, of all accounts that have asked for one in this run.
    pub(crate) fn count_live(&self, inner: &Inner, now: UnixTime) -> u64 {
        self.tokens.count_live(|block| inner.view.bits(block, now))
    }

    /// Forgets what lies in lists that the view has forgotten.
    pub(crate) async fn forget_dead(&self, inner: &Inner) {
        for () in self.tokens.forget_dead(|list| inner.view.list(list).is_none()) {
            yield_now().await;
        }
    }

    /// Writes down what was counted, so that the next run can go on from there.
    pub(crate) async fn write_down(&self, inner: &Inner) -> Result<(), StoreError> {
        let issued = self.tokens.take_unwritten();
        if issued.is_empty() {
            return Ok(());
        }
        let written = inner.store.note_issued(&issued).await;
        if written.is_err() {
            self.tokens.put_back(&issued);
        }
        written
    }
}
