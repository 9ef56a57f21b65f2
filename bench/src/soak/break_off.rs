//! Clients that break off: they stop in the middle of a request, or hang up before they have read
//! its answer. Some close the connection, some leave it standing.

use std::collections::VecDeque;
use std::io::{self, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// One breaks off this often.
const PAUSE: Duration = Duration::from_millis(20);
/// One in so many leaves its connection standing.
const STAYS: u64 = 4;
/// So many connections stand at a time: the oldest is given up for a new one.
const STANDING: usize = 100;

/// What a client sends before it breaks off.
const SENT: [&str; 5] = [
    // Half a head.
    "POST /api/oauth/token HTTP/1.1\r\nHost: h\r\nContent-Ty",
    // Half a body.
    "POST /api/oauth/token HTTP/1.1\r\nHost: h\r\nContent-Length: 29\r\n\
     Content-Type: application/x-www-form-urlencoded\r\n\r\ngrant_type=client",
    // Half a chunk.
    "POST /api/oauth/revoke HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\
     Content-Type: application/x-www-form-urlencoded\r\n\r\nff\r\ntoken=",
    // All of it; the answer has about 200 KiB.
    "GET /openapi.json HTTP/1.1\r\nHost: h\r\n\r\n",
    // Several at once.
    "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\nGET /openapi.json HTTP/1.1\r\nHost: h\r\n\r\nGET /",
];

/// Clients that break off, until this is dropped.
pub(crate) struct BreakingOff {
    stop: Arc<AtomicBool>,
    count: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl BreakingOff {
    pub(crate) fn start(server: SocketAddr) -> Self {
        let (stop, count) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (stopped, counted) = (Arc::clone(&stop), Arc::clone(&count));
        let thread = thread::spawn(move || {
            let mut standing = VecDeque::new();
            while !stopped.load(Ordering::Relaxed) {
                let number = counted.load(Ordering::Relaxed);
                // One that finds no place, or is sent away, has broken off as well.
                if let Ok(client) = break_off(server, number)
                    && number.is_multiple_of(STAYS)
                {
                    standing.push_back(client);
                    if standing.len() > STANDING {
                        standing.pop_front();
                    }
                }
                counted.store(number + 1, Ordering::Relaxed);
                thread::sleep(PAUSE);
            }
        });
        Self { stop, count, thread: Some(thread) }
    }

    /// How many have broken off so far.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}

impl Drop for BreakingOff {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It cannot panic, and if it did, the load has lost nothing else.
            let _ = thread.join();
        }
    }
}

fn break_off(server: SocketAddr, number: u64) -> io::Result<TcpStream> {
    let mut client = TcpStream::connect(server)?;
    let kind = usize::try_from(number).unwrap_or_default() % SENT.len();
    client.write_all(SENT[kind].as_bytes())?;
    Ok(client)
}
