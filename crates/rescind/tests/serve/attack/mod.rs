//! Clients that mean harm, against the real process: whatever they do, others are served, and what
//! the process holds does not grow.

mod http1;
mod http2;

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rescind_harness::{Client, Installation, Server};

use crate::BINARY;

/// How long each attack goes on.
const ATTACK: Duration = Duration::from_secs(1);

/// How many attackers do the same at once.
const ATTACKERS: usize = 4;

/// Far longer than a request takes on a machine that the attackers keep busy too.
const SOON: Duration = Duration::from_secs(10);

/// What the process may take more of memory, in bytes, after all attacks: what its allocator keeps.
const GROWTH: u64 = 64 << 20;

/// What an attacker does, again and again. The server may end it at any point.
type Attack = fn(SocketAddr) -> io::Result<()>;

const ATTACKS: [(&str, Attack); 14] = [
    ("connects and goes", |address| TcpStream::connect(address).map(drop)),
    ("sends heads byte by byte", http1::slow_heads),
    ("sends bodies byte by byte", http1::slow_bodies),
    ("sends a line without end", http1::endless_line),
    ("sends lines without end", http1::endless_lines),
    ("sends a body without end", http1::endless_body),
    ("asks again and again and never reads", http1::deaf),
    ("resets what it asked for", http2::rapid_reset),
    ("opens streams and never ends them", http2::streams),
    ("takes no answers", http2::closed_window),
    ("changes its settings without end", http2::settings),
    ("pings without end", http2::pings),
    ("continues a head without end", http2::continuation),
    ("sends nothing without end", http2::empty_data),
];

#[tokio::test]
async fn whatever_some_clients_do_others_are_served_and_nothing_grows() {
    let root = tempfile::tempdir().unwrap();
    let installation = Installation::init(BINARY, root.path()).unwrap();
    let server = Server::builder(BINARY, root.path()).unlimited().start().unwrap();
    serve_others(&server, &installation, "nobody attacks").await;
    let (memory, handles) = (memory(&server), handles(&server));
    for (row, attack) in ATTACKS {
        let attackers = Attackers::start(&server, attack);
        serve_others(&server, &installation, row).await;
        attackers.end();
    }
    let deadline = Instant::now() + SOON;
    while self::handles(&server) > handles + 2 {
        assert!(Instant::now() < deadline, "{} handles, {handles} before", self::handles(&server));
        thread::sleep(Duration::from_millis(10));
    }
    let grown = self::memory(&server).saturating_sub(memory);
    assert!(grown < GROWTH, "{grown} bytes more than {memory}");
}

/// Asks on a new connection each time, and with the whole of a use case, while the attack goes on.
async fn serve_others(server: &Server, installation: &Installation, row: &str) {
    let begun = Instant::now();
    let token = Client::new(server.url()).with_credentials(installation).issue().await.unwrap();
    while begun.elapsed() < ATTACK {
        let asked = Instant::now();
        let mut client = Client::new(server.url()).with_credentials(installation);
        assert!(client.is_active(&token).await.unwrap(), "row: {row}");
        assert!(asked.elapsed() < SOON, "row: {row}: {:?}", asked.elapsed());
    }
}

/// Threads that do harm until they are told to end.
struct Attackers {
    over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Attackers {
    fn start(server: &Server, attack: Attack) -> Self {
        let address: SocketAddr = server.url().trim_start_matches("http://").parse().unwrap();
        let over = Arc::new(AtomicBool::new(false));
        let attacker = || {
            let over = Arc::clone(&over);
            thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    // That it fails is what the server is for.
                    let _ = attack(address);
                }
            })
        };
        let threads = std::iter::repeat_with(attacker).take(ATTACKERS).collect();
        Self { over, threads }
    }

    fn end(self) {
        self.over.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().unwrap();
        }
    }
}

/// A connection that gives up when the server takes and says nothing for a while.
fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(ATTACK / 5))?;
    stream.set_read_timeout(Some(ATTACK / 5))?;
    Ok(stream)
}

/// What the process takes of memory, in bytes.
fn memory(server: &Server) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    kilobytes.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// How many file handles it has.
fn handles(server: &Server) -> usize {
    fs::read_dir(format!("/proc/{}/fd", server.pid())).unwrap().count()
}
