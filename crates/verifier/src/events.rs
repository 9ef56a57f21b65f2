//! The feed, as it is read: server-sent events (HTML Living Standard, 9.2).

use std::collections::HashMap;

use rescind_core::{id::ClientId, status_list::ListId};
use serde::Deserialize;

/// The longest event that is read, in bytes: 100,000 tokens have 800,000.
const MAX_EVENT: usize = 16 * 1024 * 1024;

/// An event of the feed.
#[derive(Debug)]
pub(crate) enum Event {
    /// The name to acknowledge by.
    Hello(String),
    /// Something changed, or nothing.
    Changed(Changed),
    /// More happened than could be told.
    Missed,
}

/// What changed. What is absent has not.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Changed {
    pub(crate) tokens: HashMap<ListId, Vec<u32>>,
    pub(crate) blocks: HashMap<ListId, Vec<u32>>,
    pub(crate) accounts: Vec<ClientId>,
    pub(crate) organization: bool,
    pub(crate) acknowledge: bool,
}

#[derive(Deserialize)]
struct Hello {
    follower: String,
}

/// What cannot be read is no reason to go on as if nothing had been said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what was sent is no feed")]
pub(crate) struct NoFeed;

/// What has come of the next event so far.
#[derive(Default)]
pub(crate) struct Reader {
    buffer: Vec<u8>,
    /// Up to here there is no end of an event.
    searched: usize,
}

impl Reader {
    /// Adds what came over the line.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), NoFeed> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() > MAX_EVENT { Err(NoFeed) } else { Ok(()) }
    }

    /// The next event that is there to its end, with its number.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, Event)>, NoFeed> {
        let from = self.searched.saturating_sub(1);
        let Some(end) = self.buffer[from..].windows(2).position(|pair| pair == b"\n\n") else {
            self.searched = self.buffer.len();
            return Ok(None);
        };
        let end = from + end;
        let event = parse(&self.buffer[..end])?;
        self.buffer.drain(..end + 2);
        self.searched = 0;
        Ok(Some(event))
    }
}

fn parse(event: &[u8]) -> Result<(u64, Event), NoFeed> {
    let text = std::str::from_utf8(event).map_err(|_| NoFeed)?;
    let field = |name: &str| {
        text.lines().find_map(|line| {
            let value = line.strip_prefix(name)?.strip_prefix(':')?;
            Some(value.strip_prefix(' ').unwrap_or(value))
        })
    };
    let number = field("id").and_then(|id| id.parse().ok()).ok_or(NoFeed)?;
    let data = field("data").ok_or(NoFeed)?;
    let event = match field("event").ok_or(NoFeed)? {
        "hello" => {
            let hello: Hello = serde_json::from_str(data).map_err(|_| NoFeed)?;
            Event::Hello(hello.follower)
        }
        "changed" | "alive" => Event::Changed(serde_json::from_str(data).map_err(|_| NoFeed)?),
        // What is not known could be what matters: better to fetch everything again.
        _ => Event::Missed,
    };
    Ok((number, event))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FEED: &str = "id: 7\nevent: hello\ndata: {\"follower\":\"0f\"}\n\n\
        id: 9\nevent: changed\ndata: {\"tokens\":{\"3\":[1,2]},\"blocks\":{\"4\":[5]},\"accounts\":[\"mdb_sa_id_6b1f0c2d9a4e57833c0d9e11\"],\"organization\":true,\"acknowledge\":true}\n\n\
        id: 9\nevent: alive\ndata: {}\n\n\
        id: 12\nevent: missed\ndata: {}\n\n";

    fn read(chunks: impl IntoIterator<Item = Vec<u8>>) -> Vec<String> {
        let mut reader = Reader::default();
        let mut events = Vec::new();
        for chunk in chunks {
            reader.push(&chunk).unwrap();
            while let Some(event) = reader.next().unwrap() {
                events.push(format!("{event:?}"));
            }
        }
        events
    }

    #[test]
    fn events_are_read_to_the_last_field() {
        let mut reader = Reader::default();
        reader.push(FEED.as_bytes()).unwrap();
        assert!(matches!(reader.next(), Ok(Some((7, Event::Hello(name)))) if name == "0f"));
        let Ok(Some((9, Event::Changed(changed)))) = reader.next() else { panic!() };
        let list = |number| ListId::from_number(number);
        assert_eq!(changed.tokens, HashMap::from([(list(3), vec![1, 2])]));
        assert_eq!(changed.blocks, HashMap::from([(list(4), vec![5])]));
        assert_eq!(changed.accounts.len(), 1);
        assert!(changed.organization && changed.acknowledge);
        let Ok(Some((9, Event::Changed(alive)))) = reader.next() else { panic!() };
        assert!(alive.tokens.is_empty() && !alive.organization && !alive.acknowledge);
        assert!(matches!(reader.next(), Ok(Some((12, Event::Missed)))));
        assert!(matches!(reader.next(), Ok(None)));
    }

    #[test]
    fn what_is_no_feed_is_an_error() {
        let rows = [
            "event: alive\ndata: {}",
            "id: x\nevent: alive\ndata: {}",
            "id: 1\ndata: {}",
            "id: 1\nevent: alive",
            "id: 1\nevent: changed\ndata: {\"tokens\":[]}",
            "id: 1\nevent: changed\ndata: {\"tokens\":{\"3\":[-1]}}",
            "<html>",
            "",
        ];
        for row in rows {
            let mut reader = Reader::default();
            reader.push(format!("{row}\n\n").as_bytes()).unwrap();
            assert!(reader.next().is_err(), "{row}");
        }
    }

    proptest! {
        /// Lines arrive in pieces of any size.
        #[test]
        fn it_does_not_matter_how_it_is_cut(sizes in prop::collection::vec(1_usize..40, 1..400)) {
            let mut rest = FEED.as_bytes();
            let mut chunks = Vec::new();
            for size in sizes {
                let (chunk, later) = rest.split_at(size.min(rest.len()));
                chunks.push(chunk.to_vec());
                rest = later;
            }
            chunks.push(rest.to_vec());
            prop_assert_eq!(read(chunks), read([FEED.as_bytes().to_vec()]));
        }

        #[test]
        fn nothing_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut reader = Reader::default();
            let _ = reader.push(&bytes);
            while let Ok(Some(_)) = reader.next() {}
        }
    }
}
