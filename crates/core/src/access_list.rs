//! IP access lists: from where a service account or an API key may be used
//! (service-accounts-api.md 7).

use std::net::IpAddr;

use ipnet::IpNet;

use crate::clock::UnixTime;

/// The most entries that one service account or API key can have (conventions.md 6).
pub const MAX_ENTRIES: usize = 200;

/// An entry, as the management API shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessEntry {
    /// The addresses that it allows.
    pub network: IpNet,
    /// When it was added.
    pub created_at: UnixTime,
    /// How many requests it has allowed.
    pub request_count: u64,
    /// The last of them: when, and from where.
    pub last_used: Option<(UnixTime, IpAddr)>,
}

/// A text that is no address, or no CIDR block, that can stand in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseNetworkError {
    /// It is not an address, or not a block.
    #[error("not an IP address or a CIDR block")]
    Malformed,
    /// It is the address of nobody: `0.0.0.0` or `::` by itself.
    #[error("the address of nobody")]
    Unspecified,
}

/// The block of a single address.
///
/// # Errors
///
/// [`ParseNetworkError`] for what is not an address, and for the address of nobody.
pub fn parse_address(text: &str) -> Result<IpNet, ParseNetworkError> {
    let address: IpAddr = text.parse().map_err(|_| ParseNetworkError::Malformed)?;
    let address = address.to_canonical();
    if address.is_unspecified() {
        return Err(ParseNetworkError::Unspecified);
    }
    Ok(IpNet::from(address))
}

/// The block that `text` writes in CIDR notation, without the bits of a host in it.
///
/// # Errors
///
/// [`ParseNetworkError`] for what is not a block, and for that of nobody.
///
/// # Examples
///
/// ```
/// # use rescind_core::access_list::parse_block;
/// assert_eq!(parse_block("203.0.113.7/24")?.to_string(), "203.0.113.0/24");
/// assert!(parse_block("203.0.113.7").is_err());
/// # Ok::<(), rescind_core::access_list::ParseNetworkError>(())
/// ```
pub fn parse_block(text: &str) -> Result<IpNet, ParseNetworkError> {
    let block: IpNet = text.parse().map_err(|_| ParseNetworkError::Malformed)?;
    let block = canonical(block);
    if is_single(&block) && block.addr().is_unspecified() {
        return Err(ParseNetworkError::Unspecified);
    }
    Ok(block.trunc())
}

/// IPv4 in the clothes of IPv6 (`::ffff:a.b.c.d`) as IPv4: clients are looked up so.
fn canonical(block: IpNet) -> IpNet {
    let v4 = match block {
        IpNet::V6(v6) => v6.addr().to_ipv4_mapped().zip(v6.prefix_len().checked_sub(96)),
        IpNet::V4(_) => None,
    };
    v4.and_then(|(address, length)| IpNet::new(address.into(), length).ok()).unwrap_or(block)
}

/// The block that an entry in a path names: `a.b.c.d` and `a.b.c.d/32` are the same one.
///
/// # Errors
///
/// [`ParseNetworkError`] for what is neither an address nor a block.
pub fn parse_entry(text: &str) -> Result<IpNet, ParseNetworkError> {
    if text.contains('/') { parse_block(text) } else { parse_address(text) }
}

/// Whether the block is one address.
#[must_use]
pub fn is_single(block: &IpNet) -> bool {
    block.prefix_len() == block.max_prefix_len()
}

/// The blocks of a list, to look addresses up in.
///
/// A look-up costs one binary search for each length of prefix in the list, so that thousands of
/// entries are as quick as a few.
#[derive(Clone, Debug, Default)]
pub struct AccessList {
    /// Longest prefix first; blocks of one length by their address.
    blocks: Vec<IpNet>,
    /// Where the blocks of each length begin and end.
    lengths: Vec<std::ops::Range<usize>>,
}

impl AccessList {
    /// The list of these blocks.
    #[must_use]
    pub fn new(blocks: impl IntoIterator<Item = IpNet>) -> Self {
        let kind = |block: &IpNet| (block.max_prefix_len(), block.prefix_len());
        let mut blocks: Vec<_> = blocks.into_iter().collect();
        blocks.sort_unstable_by_key(|block| (std::cmp::Reverse(kind(block)), block.addr()));
        blocks.dedup();
        let mut end = 0;
        let lengths = blocks.chunk_by(|a, b| kind(a) == kind(b)).map(|run| {
            let start = end;
            end += run.len();
            start..end
        });
        Self { lengths: lengths.collect(), blocks }
    }

    /// Its blocks, in no order that means anything.
    pub fn networks(&self) -> impl Iterator<Item = IpNet> {
        self.blocks.iter().copied()
    }

    /// The list of these blocks; none, if there is no block.
    #[must_use]
    pub fn unless_empty(blocks: Vec<IpNet>) -> Option<Box<Self>> {
        (!blocks.is_empty()).then(|| Box::new(Self::new(blocks)))
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The narrowest block that `address` lies in.
    #[must_use]
    pub fn find(&self, address: IpAddr) -> Option<IpNet> {
        self.lengths.iter().find_map(|range| {
            let blocks = &self.blocks[range.clone()];
            let first = blocks.first()?;
            let wanted = IpNet::new(address, first.prefix_len()).ok()?.trunc();
            if wanted.max_prefix_len() != first.max_prefix_len() {
                return None;
            }
            let at = blocks.binary_search_by_key(&wanted.addr(), IpNet::addr).ok()?;
            Some(blocks[at])
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(blocks: &[&str]) -> AccessList {
        AccessList::new(blocks.iter().map(|block| block.parse().unwrap()))
    }

    #[test]
    fn the_narrowest_block_is_found() {
        let list =
            list(&["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32", "2001:db8::/32", "0.0.0.0/0"]);
        let rows = [
            ("10.1.2.3", Some("10.1.2.3/32")),
            ("10.1.9.9", Some("10.1.0.0/16")),
            ("10.9.9.9", Some("10.0.0.0/8")),
            ("192.0.2.1", Some("0.0.0.0/0")),
            ("2001:db8::1", Some("2001:db8::/32")),
            ("2001:db9::1", None),
        ];
        for (address, expected) in rows {
            let found = list.find(address.parse().unwrap());
            assert_eq!(found.map(|block| block.to_string()).as_deref(), expected, "{address}");
        }
    }

    /// service-accounts-api.md 7, rows "`0.0.0.0/32`-like entries" and "equivalence".
    #[test]
    fn entries_are_read_as_the_contract_says() {
        let rows = [
            ("198.51.100.7", Ok("198.51.100.7/32")),
            ("198.51.100.7/32", Ok("198.51.100.7/32")),
            ("203.0.113.9/24", Ok("203.0.113.0/24")),
            ("2001:db8::1", Ok("2001:db8::1/128")),
            ("0.0.0.0/0", Ok("0.0.0.0/0")),
            ("0.0.0.0", Err(ParseNetworkError::Unspecified)),
            ("0.0.0.0/32", Err(ParseNetworkError::Unspecified)),
            ("::/128", Err(ParseNetworkError::Unspecified)),
            ("::ffff:198.51.100.7/128", Ok("198.51.100.7/32")),
            ("::ffff:198.51.100.7/120", Ok("198.51.100.0/24")),
            ("::ffff:0.0.0.0/96", Ok("0.0.0.0/0")),
            ("::ffff:0.0.0.0/128", Err(ParseNetworkError::Unspecified)),
            ("::ffff:0.0.0.0", Err(ParseNetworkError::Unspecified)),
            ("", Err(ParseNetworkError::Malformed)),
            ("198.51.100.7/33", Err(ParseNetworkError::Malformed)),
            ("198.51.100", Err(ParseNetworkError::Malformed)),
            ("example.com", Err(ParseNetworkError::Malformed)),
        ];
        for (text, expected) in rows {
            let expected = expected.map(str::to_owned);
            assert_eq!(parse_entry(text).map(|block| block.to_string()), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn it_finds_what_a_look_at_every_entry_finds(
            blocks in prop::collection::vec((any::<u32>(), 0_u8..=32), 0..50),
            address in any::<u32>(),
            pick in any::<prop::sample::Index>(),
        ) {
            let blocks: Vec<IpNet> = blocks
                .into_iter()
                .map(|(address, length)| IpNet::new(IpAddr::from(address.to_be_bytes()), length).unwrap().trunc())
                .collect();
            // An address by chance is in few blocks; the first of a block is in one at least.
            let address = if blocks.is_empty() { IpAddr::from(address.to_be_bytes()) } else { pick.get(&blocks).addr() };
            let expected = blocks.iter().filter(|block| block.contains(&address)).max_by_key(|block| block.prefix_len());
            prop_assert_eq!(AccessList::new(blocks.clone()).find(address), expected.copied());
        }
    }
}
