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

/// Reads events as they come, in lines (HTML Living Standard, 9.2.6), and holds no more of one than
/// it may have.
#[derive(Default)]
pub(crate) struct Reader {
    buffer: Vec<u8>,
    /// Up to here the buffer has been read.
    read: usize,
    /// Up to here there is no end of a line.
    searched: usize,
    /// The last line ended with a carriage return: a line feed may belong to it.
    after_return: bool,
    begun: bool,
    /// The last number that was given; it holds for all events that follow.
    number: Option<u64>,
    name: Vec<u8>,
    data: Vec<u8>,
}

impl Reader {
    /// Adds what came over the line.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<(), NoFeed> {
        self.buffer.drain(..self.read);
        self.searched -= self.read;
        self.read = 0;
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() + self.data.len() > MAX_EVENT { Err(NoFeed) } else { Ok(()) }
    }

    /// The next event that is there to its end, with its number.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, Event)>, NoFeed> {
        while let Some((start, end)) = self.line() {
            if start < end {
                self.field(start, end)?;
            } else if let Some(event) = self.event()? {
                return Ok(Some(event));
            }
        }
        Ok(None)
    }

    /// Where the next line is; it ends with CR LF, with LF or with CR.
    fn line(&mut self) -> Option<(usize, usize)> {
        if self.after_return && self.read < self.buffer.len() {
            self.after_return = false;
            self.read += usize::from(self.buffer[self.read] == b'\n');
            self.searched = self.searched.max(self.read);
        }
        let ends = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let Some(length) = self.buffer[self.searched..].iter().position(ends) else {
            self.searched = self.buffer.len();
            return None;
        };
        let (mut start, end) = (self.read, self.searched + length);
        self.after_return = self.buffer[end] == b'\r';
        self.read = end + 1;
        self.searched = self.read;
        if !std::mem::replace(&mut self.begun, true)
            && self.buffer[start..end].starts_with(BYTE_ORDER_MARK)
        {
            start += BYTE_ORDER_MARK.len();
        }
        Some((start, end))
    }

    /// A line that is not empty: a field, a comment, or what is none of ours.
    fn field(&mut self, start: usize, end: usize) -> Result<(), NoFeed> {
        let line = &self.buffer[start..end];
        let colon = line.iter().position(|byte| *byte == b':');
        let (name, value) = colon.map_or((line, &[][..]), |at| (&line[..at], &line[at + 1..]));
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match name {
            b"id" => {
                let number = std::str::from_utf8(value).ok().and_then(|id| id.parse().ok());
                self.number = Some(number.ok_or(NoFeed)?);
            }
            b"event" => self.name = value.to_vec(),
            b"data" => {
                self.data.extend_from_slice(value);
                self.data.push(b'\n');
            }
            // A comment has no name; `retry` is for browsers.
            _ => {}
        }
        Ok(())
    }

    /// The event that an empty line ends; `None` where nothing was said.
    fn event(&mut self) -> Result<Option<(u64, Event)>, NoFeed> {
        let (name, data) = (std::mem::take(&mut self.name), std::mem::take(&mut self.data));
        if data.is_empty() {
            return Ok(None);
        }
        let number = self.number.ok_or(NoFeed)?;
        let event = match &*name {
            b"hello" => {
                let hello: Hello = serde_json::from_slice(&data).map_err(|_| NoFeed)?;
                Event::Hello(hello.follower)
            }
            b"changed" | b"alive" => {
                Event::Changed(serde_json::from_slice(&data).map_err(|_| NoFeed)?)
            }
            // What is not known could be what matters: better to fetch everything again.
            _ => Event::Missed,
        };
        Ok(Some((number, event)))
    }
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

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
            "id: 1\nevent: alive\ndata",
            "id: 1\nevent: changed\ndata: {\"tokens\":[]}",
            "id: 1\nevent: changed\ndata: {\"tokens\":{\"3\":[-1]}}",
            "id: 1\nevent: changed\ndata: {\ndata: ?}",
        ];
        for row in rows {
            let mut reader = Reader::default();
            reader.push(format!("{row}\n\n").as_bytes()).unwrap();
            assert!(reader.next().is_err(), "{row}");
        }
        let mut reader = Reader::default();
        let endless = vec![b'x'; MAX_EVENT / 4];
        for _ in 0..4 {
            reader.push(&endless).unwrap();
            assert!(matches!(reader.next(), Ok(None)));
        }
        assert_eq!(reader.push(b"x"), Err(NoFeed));
    }

    /// HTML Living Standard, 9.2.5 and 9.2.6.
    #[test]
    fn everything_that_the_standard_allows_is_read() {
        let alive = "(9, alive)";
        let rows: [(&str, &[&str]); 12] = [
            ("id: 9\nevent: alive\ndata: {}\n\n", &[alive]),
            ("id: 9\r\nevent: alive\r\ndata: {}\r\n\r\n", &[alive]),
            ("id: 9\revent: alive\rdata: {}\r\r", &[alive]),
            ("\u{feff}id: 9\nevent: alive\ndata: {}\n\n", &[alive]),
            (": ping\n\nid: 9\nevent: alive\n: ping\ndata: {}\n\n: ping\n\n", &[alive]),
            ("id:9\nevent:alive\ndata:{}\n\n", &[alive]),
            ("data: {\ndata: }\nevent: alive\nid: 9\nretry: 5\nother\n\n", &[alive]),
            // The number holds until there is another; the name does not.
            ("id: 9\nevent: alive\ndata: {}\n\nevent: alive\ndata: {}\n\n", &[alive, alive]),
            ("id: 9\nevent: alive\ndata: {}\n\ndata: {}\n\n", &[alive, "(9, missed)"]),
            // Nothing is said without data.
            ("id: 9\nevent: missed\n\nevent: alive\ndata: {}\n\n", &[alive]),
            ("\n\n\n<html>\n\n", &[]),
            ("id: 9\nevent: alive\ndata: {}\n", &[]),
        ];
        for (row, expected) in rows {
            for size in [1, 2, 1000] {
                let mut reader = Reader::default();
                let mut events = Vec::new();
                for chunk in row.as_bytes().chunks(size) {
                    reader.push(chunk).unwrap();
                    while let Some((number, event)) = reader.next().unwrap() {
                        let name = match event {
                            Event::Hello(_) => "hello",
                            Event::Changed(_) => "alive",
                            Event::Missed => "missed",
                        };
                        events.push(format!("({number}, {name})"));
                    }
                }
                assert_eq!(events, expected, "{row:?} in pieces of {size}");
            }
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
