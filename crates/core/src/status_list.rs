//! Status lists: one bit per token, set when it is revoked (IETF Token Status List).
//!
//! A list is open to new tokens for a few minutes, so that it dies whole when the last of them
//! has expired. Within a list a *block* of 64 neighbouring bits belongs to one secret of one
//! service account.

use std::{
    fmt,
    str::FromStr,
    sync::atomic::{AtomicU64, Ordering},
};

use serde::{Deserialize, Serialize};

use crate::{clock::UnixTime, token::LIFETIME_SECONDS};

/// Bits of a block.
pub const BLOCK_BITS: u32 = u64::BITS;

/// Blocks of a list: 2^20 bits, 128 KiB, a few KiB on the wire while few are set.
pub const LIST_BLOCKS: u32 = 1 << 14;

/// How long a list takes new tokens, in seconds.
pub const OPEN_SECONDS: i64 = 300;

/// The name of a list: the number of the change that opened it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ListId(u64);

impl ListId {
    /// The list that the change `number` opened.
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// The number of the change that opened it.
    #[must_use]
    pub const fn as_number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ListId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ListId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// The place of one token's bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StatusRef {
    /// The list.
    pub list: ListId,
    /// The bit in it, counted from 0.
    pub index: u32,
}

impl StatusRef {
    /// The block that the bit lies in.
    #[must_use]
    pub const fn block(self) -> BlockRef {
        BlockRef { list: self.list, number: self.index / BLOCK_BITS }
    }

    /// The bit within its block, as a mask.
    #[must_use]
    pub const fn mask(self) -> u64 {
        1 << (self.index % BLOCK_BITS)
    }
}

/// The place of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockRef {
    /// The list.
    pub list: ListId,
    /// The block in it, counted from 0.
    pub number: u32,
}

/// When a list takes new tokens, and when the last of them has expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// From now on it takes no more tokens.
    pub closes_at: UnixTime,
    /// From now on all its tokens have expired, and it can be forgotten.
    pub dies_at: UnixTime,
}

impl Term {
    /// The term of a list opened `now`.
    #[must_use]
    pub const fn starting(now: UnixTime) -> Self {
        let closes_at = now.plus_seconds(OPEN_SECONDS);
        Self { closes_at, dies_at: closes_at.plus_seconds(LIFETIME_SECONDS) }
    }
}

/// The bits of one list, shared by all who read and set them.
pub struct StatusList {
    term: Term,
    changes: AtomicU64,
    blocks: Box<[AtomicU64]>,
}

impl StatusList {
    /// A list with no bit set. The system gives it memory page by page, as bits are set.
    #[must_use]
    pub fn new(term: Term) -> Self {
        Self {
            term,
            changes: AtomicU64::new(0),
            blocks: bytemuck::zeroed_slice_box(LIST_BLOCKS as usize),
        }
    }

    /// When it closes and dies.
    #[must_use]
    pub fn term(&self) -> Term {
        self.term
    }

    /// Whether the bit `index` is set. A bit that the list does not have counts as set: no token
    /// of ours has it.
    #[must_use]
    pub fn is_set(&self, index: u32) -> bool {
        self.block(index / BLOCK_BITS)
            .is_none_or(|block| block.load(Ordering::Acquire) & (1 << (index % BLOCK_BITS)) != 0)
    }

    /// The bits of a block that are set: all of them, if the list does not have it.
    #[must_use]
    pub fn bits(&self, block: u32) -> u64 {
        self.block(block).map_or(u64::MAX, |block| block.load(Ordering::Acquire))
    }

    /// Sets the bits of `mask` in a block. A block that the list does not have is ignored.
    pub fn set(&self, block: u32, mask: u64) {
        if let Some(block) = self.block(block)
            && block.fetch_or(mask, Ordering::Release) & mask != mask
        {
            self.changes.fetch_add(1, Ordering::Release);
        }
    }

    /// A number that has grown after each change of a bit. Whoever reads it before the bits
    /// has bits that are no older.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    /// All bits, eight in a byte, the least significant first (IETF Token Status List).
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.blocks.iter().flat_map(|block| block.load(Ordering::Acquire).to_le_bytes()).collect()
    }

    /// How many bits are set.
    #[must_use]
    pub fn count_set(&self) -> u64 {
        let set = |block: &AtomicU64| u64::from(block.load(Ordering::Relaxed).count_ones());
        self.blocks.iter().map(set).sum()
    }

    fn block(&self, number: u32) -> Option<&AtomicU64> {
        self.blocks.get(number as usize)
    }
}

impl fmt::Debug for StatusList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { term, .. } = self;
        let set = self.count_set();
        f.debug_struct("StatusList").field("term", term).field("set", &set).finish_non_exhaustive()
    }
}

/// The bits of a block that no token has yet. They are taken in an order that nobody can foresee,
/// so that an index does not tell how many tokens were issued before it.
#[derive(Clone, Copy, Debug)]
pub struct FreeBits {
    block: BlockRef,
    free: u64,
}

impl FreeBits {
    /// All bits of a block that was just taken.
    #[must_use]
    pub const fn of(block: BlockRef) -> Self {
        Self { block, free: u64::MAX }
    }

    /// The list that the block lies in.
    #[must_use]
    pub const fn list(&self) -> ListId {
        self.block.list
    }

    /// Takes the bit that `chance` points at among the free ones; `None` when all are taken.
    pub fn take(&mut self, chance: u32) -> Option<StatusRef> {
        // A fraction of the count, not a remainder: every bit is as likely as the next.
        let nth = (u64::from(chance) * u64::from(self.free.count_ones())) >> 32;
        let rest = (0..nth).fold(self.free, |rest, _| rest & (rest - 1));
        if rest == 0 {
            return None;
        }
        let bit = rest.trailing_zeros();
        self.free &= !(1 << bit);
        Some(StatusRef { list: self.block.list, index: self.block.number * BLOCK_BITS + bit })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const LIST: ListId = ListId::from_number(1);

    #[test]
    fn every_bit_of_a_block_is_taken_once_and_in_no_order() {
        let mut bits = FreeBits::of(BlockRef { list: LIST, number: 3 });
        let mut chance = 1_u32;
        let taken: Vec<u32> = std::iter::from_fn(|| {
            chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            bits.take(chance).map(|bit| bit.index)
        })
        .collect();
        assert_eq!(taken.iter().copied().collect::<BTreeSet<_>>(), (192..256).collect());
        assert_eq!(taken.len(), 64);
        assert!(!taken.is_sorted());
    }

    #[test]
    fn a_bit_is_set_alone() {
        let list = StatusList::new(Term::starting(UnixTime::from_second(0)));
        let bit = StatusRef { list: LIST, index: 130 };
        list.set(bit.block().number, bit.mask());
        assert_eq!((0..1000).filter(|index| list.is_set(*index)).collect::<Vec<_>>(), [130]);
    }

    #[test]
    fn a_bit_that_is_not_there_counts_as_revoked() {
        let list = StatusList::new(Term::starting(UnixTime::from_second(0)));
        assert!(!list.is_set(LIST_BLOCKS * BLOCK_BITS - 1));
        assert!(list.is_set(LIST_BLOCKS * BLOCK_BITS));
        list.set(LIST_BLOCKS, 1);
    }

    #[test]
    fn a_list_outlives_its_last_token() {
        let term = Term::starting(UnixTime::from_second(0));
        let last = term.closes_at.plus_seconds(-1);
        assert!(last.plus_seconds(LIFETIME_SECONDS) <= term.dies_at);
    }
}
