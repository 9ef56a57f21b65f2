//! How many live tokens each account has, so that it can be kept from having too many
//! (conventions.md 6).
//!
//! No token is remembered. A *block* of a status list belongs to one account, so it is enough to
//! know how many bits of each were handed out: those that are set since are tokens taken back, and
//! all of them have expired when the list is dead.

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    num::NonZeroU32,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    id::ClientId,
    status_list::{BlockRef, ListId},
};

/// Parts that are locked by themselves, each for as long as one account is looked at.
const SHARDS: usize = 64;

/// How many tokens were issued with bits of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The list that the block lies in.
    pub list: ListId,
    /// The block.
    pub number: u32,
    /// The tokens, up to 64.
    pub tokens: u32,
}

impl Issued {
    /// The place of the block.
    #[must_use]
    pub const fn block(self) -> BlockRef {
        BlockRef { list: self.list, number: self.number }
    }
}

/// The account has as many live tokens as it can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the account has as many live tokens as it can have")]
pub struct QuotaReached;

/// Counts live tokens by account. A token that has expired counts until its list is dead, for five
/// minutes more at the most.
#[derive(Debug)]
pub struct LiveTokens {
    limit: NonZeroU32,
    hasher: RandomState,
    shards: Box<[Mutex<Shard>]>,
}

#[derive(Debug, Default)]
struct Shard {
    /// The blocks of each account that may have live tokens, in the order in which they were taken.
    accounts: HashMap<ClientId, Vec<Issued>>,
    /// What has changed since it was last taken out to be written down.
    unwritten: HashMap<BlockRef, u32>,
}

impl LiveTokens {
    /// Nobody has a token yet, and nobody can have more than `limit`.
    #[must_use]
    pub fn new(limit: NonZeroU32) -> Self {
        let shards = std::iter::repeat_with(Mutex::default).take(SHARDS).collect();
        Self { limit, hasher: RandomState::new(), shards }
    }

    /// Whether anything is known of an account.
    #[must_use]
    pub fn knows(&self, client_id: ClientId) -> bool {
        self.shard(client_id).accounts.contains_key(&client_id)
    }

    /// Takes over what an earlier run has counted, unless something is known already.
    pub fn take_over(&self, client_id: ClientId, blocks: Vec<Issued>) {
        self.shard(client_id).accounts.entry(client_id).or_insert(blocks);
    }

    /// Whether the account may have one more token. `bits` are those of a block that are set;
    /// `None` when its list is dead.
    ///
    /// # Errors
    ///
    /// [`QuotaReached`].
    pub fn room_for(
        &self,
        client_id: ClientId,
        bits: impl Fn(BlockRef) -> Option<u64>,
    ) -> Result<(), QuotaReached> {
        let shard = self.shard(client_id);
        shard.accounts.get(&client_id).map_or(Ok(()), |blocks| self.room_in(blocks, bits))
    }

    /// Counts a token of the account with a bit of `block`, if there is room for it still: of
    /// those who ask at once for the last place, one gets it.
    ///
    /// # Errors
    ///
    /// [`QuotaReached`]. Then nobody may get the token.
    pub fn count(
        &self,
        client_id: ClientId,
        block: BlockRef,
        bits: impl Fn(BlockRef) -> Option<u64>,
    ) -> Result<(), QuotaReached> {
        let mut shard = self.shard(client_id);
        let Shard { accounts, unwritten } = &mut *shard;
        let blocks = accounts.entry(client_id).or_default();
        self.room_in(blocks, bits)?;
        let known = blocks.iter_mut().rev().find(|issued| issued.block() == block);
        let tokens = if let Some(issued) = known {
            issued.tokens += 1;
            issued.tokens
        } else {
            // Most accounts have one block at a time, and there are many accounts.
            blocks.reserve_exact(1);
            blocks.push(Issued { list: block.list, number: block.number, tokens: 1 });
            1
        };
        unwritten.insert(block, tokens);
        Ok(())
    }

    /// How many live tokens all accounts of which anything is known have together. The parts are
    /// counted one after another, so that nobody waits for all of them.
    #[must_use]
    pub fn count_live(&self, bits: impl Fn(BlockRef) -> Option<u64>) -> u64 {
        let of_shard = |shard: &Mutex<Shard>| {
            lock(shard).accounts.values().map(|blocks| live(blocks, &bits)).sum::<u64>()
        };
        self.shards.iter().map(of_shard).sum()
    }

    /// Forgets what lies in lists that are dead, a part at each step, so that others get a turn.
    pub fn forget_dead(&self, is_dead: impl Fn(ListId) -> bool) -> impl Iterator<Item = ()> {
        self.shards.iter().map(move |shard| {
            let mut shard = lock(shard);
            shard.accounts.retain(|_, blocks| {
                blocks.retain(|issued| !is_dead(issued.list));
                !blocks.is_empty()
            });
            shard.accounts.shrink_to_fit();
        })
    }

    /// What has changed since it was last asked for, to be written down.
    #[must_use]
    pub fn take_unwritten(&self) -> Vec<Issued> {
        let taken = self.shards.iter().map(|shard| std::mem::take(&mut lock(shard).unwritten));
        let issued = |(block, tokens): (BlockRef, u32)| Issued {
            list: block.list,
            number: block.number,
            tokens,
        };
        taken.flatten().map(issued).collect()
    }

    /// Keeps what could not be written down for the next time. A block that has changed since is
    /// then told twice: the larger number is the later one.
    pub fn put_back(&self, unwritten: &[Issued]) {
        // Whose it is does not matter here.
        let mut shard = lock(&self.shards[0]);
        for issued in unwritten {
            shard.unwritten.entry(issued.block()).or_insert(issued.tokens);
        }
    }

    fn shard(&self, client_id: ClientId) -> MutexGuard<'_, Shard> {
        #[expect(clippy::cast_possible_truncation, reason = "any bits of a hash will do")]
        let hash = self.hasher.hash_one(client_id) as usize;
        lock(&self.shards[hash % SHARDS])
    }

    fn room_in(
        &self,
        blocks: &[Issued],
        bits: impl Fn(BlockRef) -> Option<u64>,
    ) -> Result<(), QuotaReached> {
        let limit = u64::from(self.limit.get());
        let ever: u64 = blocks.iter().map(|issued| u64::from(issued.tokens)).sum();
        // Most accounts are far from their limit: no need to look at the bits.
        if ever < limit || live(blocks, bits) < limit { Ok(()) } else { Err(QuotaReached) }
    }
}

fn live(blocks: &[Issued], bits: impl Fn(BlockRef) -> Option<u64>) -> u64 {
    let live = |issued: &Issued| {
        // More bits are set than were handed out where all tokens were taken back at once.
        let set = bits(issued.block()).map_or(u32::MAX, u64::count_ones);
        u64::from(issued.tokens.saturating_sub(set))
    };
    blocks.iter().map(live).sum()
}

/// A panic while it was held would have left a count that is off by one.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ME: ClientId = ClientId::from_bytes([1; 12]);
    const YOU: ClientId = ClientId::from_bytes([2; 12]);

    fn limited_to(limit: u32) -> LiveTokens {
        LiveTokens::new(NonZeroU32::new(limit).unwrap())
    }

    fn block(list: u64, number: u32) -> BlockRef {
        BlockRef { list: ListId::from_number(list), number }
    }

    fn issued(list: u64, number: u32, tokens: u32) -> Issued {
        Issued { list: ListId::from_number(list), number, tokens }
    }

    const NONE_SET: fn(BlockRef) -> Option<u64> = |_| Some(0);

    #[test]
    fn an_account_has_as_many_tokens_as_it_can_have_and_not_one_more() {
        let tokens = limited_to(3);
        for number in [0, 0, 5] {
            assert_eq!(tokens.room_for(ME, NONE_SET), Ok(()));
            assert_eq!(tokens.count(ME, block(1, number), NONE_SET), Ok(()));
        }
        assert_eq!(tokens.room_for(ME, NONE_SET), Err(QuotaReached));
        assert_eq!(tokens.count(ME, block(1, 5), NONE_SET), Err(QuotaReached));
        assert_eq!(tokens.count(YOU, block(1, 6), NONE_SET), Ok(()));
    }

    #[test]
    fn what_is_revoked_or_dead_gives_its_place_back() {
        type Bits = fn(BlockRef) -> Option<u64>;
        #[rustfmt::skip]
        let rows: [(&str, Bits, bool); 5] = [
            ("nothing",             NONE_SET,                                               false),
            ("one token",           |block| Some(u64::from(block.number == 0)),             true),
            ("all of a block",      |block| Some(if block.number == 1 { u64::MAX } else { 0 }), true),
            ("all of the account",  |_| Some(u64::MAX),                                     true),
            ("the list is dead",    |block| (block.number == 1).then_some(0),               true),
        ];
        for (row, bits, room) in rows {
            let tokens = limited_to(3);
            for number in [0, 0, 1] {
                tokens.count(ME, block(1, number), NONE_SET).unwrap();
            }
            assert_eq!(tokens.count(ME, block(1, 1), bits).is_ok(), room, "row: {row}");
        }
    }

    #[test]
    fn what_an_earlier_run_has_counted_counts() {
        let tokens = limited_to(10);
        assert!(!tokens.knows(ME));
        tokens.take_over(ME, vec![issued(1, 0, 4), issued(1, 7, 5)]);
        tokens.take_over(ME, Vec::new());
        assert!(tokens.knows(ME));
        assert_eq!(tokens.count(ME, block(2, 0), NONE_SET), Ok(()));
        assert_eq!(tokens.count(ME, block(2, 0), NONE_SET), Err(QuotaReached));
    }

    #[test]
    fn the_tokens_of_all_accounts_are_counted_together_while_they_live() {
        type Bits = fn(BlockRef) -> Option<u64>;
        let tokens = limited_to(10);
        assert_eq!(tokens.count_live(NONE_SET), 0);
        tokens.take_over(YOU, vec![issued(1, 7, 5), issued(2, 0, 1)]);
        for number in [0, 0, 1] {
            tokens.count(ME, block(2, number), NONE_SET).unwrap();
        }
        #[rustfmt::skip]
        let rows: [(&str, Bits, u64); 4] = [
            ("nothing is dead",     NONE_SET,                                                   9),
            ("one is taken back",   |block| Some(u64::from(block.number == 7)),                 8),
            ("all of two blocks",   |block| Some(if block.number == 0 { u64::MAX } else { 0 }), 6),
            ("a list is dead",      |block| (block.list == ListId::from_number(2)).then_some(0), 4),
        ];
        for (row, bits, live) in rows {
            assert_eq!(tokens.count_live(bits), live, "row: {row}");
        }
    }

    #[test]
    fn what_has_changed_is_written_down_once() {
        let tokens = limited_to(10);
        tokens.take_over(YOU, vec![issued(1, 0, 4)]);
        for _ in 0..3 {
            tokens.count(ME, block(1, 1), NONE_SET).unwrap();
        }
        let unwritten = tokens.take_unwritten();
        assert_eq!(unwritten, [issued(1, 1, 3)]);
        assert_eq!(tokens.take_unwritten(), []);
        tokens.put_back(&unwritten);
        assert_eq!(tokens.take_unwritten(), unwritten);
    }

    #[test]
    fn accounts_whose_lists_are_dead_are_forgotten() {
        let tokens = limited_to(2);
        tokens.take_over(ME, vec![issued(1, 0, 2)]);
        tokens.take_over(YOU, vec![issued(1, 1, 1), issued(2, 0, 1)]);
        tokens.forget_dead(|list| list == ListId::from_number(1)).for_each(drop);
        assert!(!tokens.knows(ME));
        assert_eq!(tokens.count(YOU, block(2, 0), NONE_SET), Ok(()));
        assert_eq!(tokens.count(YOU, block(2, 0), NONE_SET), Err(QuotaReached));
    }

    #[test]
    fn of_those_who_ask_at_once_for_the_last_places_so_many_get_one() {
        let tokens = limited_to(100);
        let counted: usize = std::thread::scope(|scope| {
            let tokens = &tokens;
            let ask = |number| {
                move || {
                    let count = |_: &usize| tokens.count(ME, block(1, number), NONE_SET).is_ok();
                    (0..60).filter(count).count()
                }
            };
            let threads: Vec<_> = (0..4).map(|number| scope.spawn(ask(number))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(counted, 100);
    }

    proptest! {
        /// Against a memory of every token: issued one by one, revoked, lists dying.
        #[test]
        fn it_counts_what_a_memory_of_every_token_counts(
            limit in 1_u32..40,
            steps in prop::collection::vec((0_u8..10, any::<u16>()), 1..400),
        ) {
            let tokens = limited_to(limit);
            // Per list: whether it lives; per bit handed out, in order: whether it is set.
            let mut lists: Vec<(bool, Vec<bool>)> = vec![(true, Vec::new())];
            for (step, chance) in steps {
                let last = lists.len() - 1;
                let chosen = usize::from(chance) % lists.len();
                match step {
                    0 => lists.push((true, Vec::new())),
                    1 if chosen < last => lists[chosen].0 = false,
                    2 | 3 => {
                        let count = lists[chosen].1.len().max(1);
                        if let Some(bit) = lists[chosen].1.get_mut(usize::from(chance) % count) {
                            *bit = true;
                        }
                    }
                    _ => {
                        let live: usize = lists.iter().filter(|(lives, _)| *lives)
                            .map(|(_, bits)| bits.iter().filter(|bit| !**bit).count()).sum();
                        let bits = |block: BlockRef| {
                            let at = usize::try_from(block.list.as_number()).unwrap();
                            let (lives, bits) = &lists[at];
                            let of_block = bits.iter().skip(block.number as usize * 64).take(64);
                            let set = of_block.enumerate()
                                .fold(0, |set, (at, bit)| set | u64::from(*bit) << at);
                            lives.then_some(set)
                        };
                        let number = u32::try_from(lists[last].1.len() / 64).unwrap();
                        let counted = tokens.count(ME, block(last as u64, number), bits);
                        prop_assert_eq!(counted.is_ok(), live < limit as usize);
                        if counted.is_ok() {
                            lists[last].1.push(false);
                        }
                    }
                }
            }
        }
    }
}
