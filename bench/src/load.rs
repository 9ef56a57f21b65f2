//! The load: a number of connections, each with one request in flight.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::connection::Connection;
use crate::error::Error;
use crate::process::CpuClock;
use crate::readiness::{Readiness, Wait};
use crate::workload::Workload;

/// A place to send requests to, and the process that answers them.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) pid: u32,
    pub(crate) wait: Wait,
}

/// When a connection sends nothing more. A workload that has run dry ends it as well.
#[derive(Clone, Copy)]
pub(crate) enum Stop {
    After(Duration),
    AfterRequests(u64),
}

/// What happened while the load was on.
pub(crate) struct Load {
    /// From the first request to the last answer.
    pub(crate) elapsed: Duration,
    /// Of each request, from before it was written until its answer was read, in nanoseconds.
    pub(crate) latencies: Histogram<u64>,
    /// CPU time of the server.
    pub(crate) server_cpu: Duration,
    /// How long the load generator had something to do.
    pub(crate) generator_busy: Duration,
}

impl Load {
    pub(crate) fn requests(&self) -> u64 {
        self.latencies.len()
    }
}

/// Opens the connections, then works on `workload` through all of them until `stop`.
pub(crate) fn drive(
    target: Target,
    connections: usize,
    stop: Stop,
    workload: &mut impl Workload,
) -> Result<Load, Error> {
    let mut lanes = (0..connections)
        .map(|_| Lane::open(target.address))
        .collect::<Result<Vec<_>, _>>()
        .map_err(Error::io("connect to the server"))?;
    let connections = lanes.iter().map(|lane| &lane.connection);
    let mut readiness =
        Readiness::watch(connections, target.wait).map_err(Error::io("watch connections"))?;

    let server = CpuClock::of(target.pid)?;
    let start = Instant::now();
    let mut source = Source { workload, stop, start, sent: 0 };
    let mut latencies = latencies();
    let mut in_flight = 0;
    for lane in &mut lanes {
        in_flight += usize::from(lane.ask(&mut source, start)?);
    }
    while in_flight > 0 {
        for number in readiness.next().map_err(Error::io("get an answer"))? {
            let lane = &mut lanes[number];
            let received = lane.connection.receive();
            let Some(answer) = received.map_err(Error::io("get an answer"))? else { continue };
            let now = Instant::now();
            latencies.saturating_record(nanoseconds(now - lane.asked));
            source.workload.check(lane.number, answer)?;
            in_flight -= usize::from(!lane.ask(&mut source, now)?);
        }
    }

    let elapsed = start.elapsed();
    Ok(Load {
        elapsed,
        latencies,
        server_cpu: server.elapsed()?,
        generator_busy: elapsed.saturating_sub(readiness.idle()),
    })
}

/// A connection, and the request that is under way on it.
struct Lane {
    connection: Connection,
    request: Vec<u8>,
    number: usize,
    asked: Instant,
}

impl Lane {
    fn open(server: SocketAddr) -> std::io::Result<Self> {
        let connection = Connection::open(server)?;
        Ok(Self { connection, request: Vec::new(), number: 0, asked: Instant::now() })
    }

    /// Sends the next request; `false` when there is none.
    fn ask(&mut self, source: &mut Source<'_, impl Workload>, now: Instant) -> Result<bool, Error> {
        self.request.clear();
        let Some(number) = source.next(&mut self.request, now) else { return Ok(false) };
        self.number = number;
        self.asked = Instant::now();
        self.connection.send(&self.request).map_err(Error::io("send a request"))?;
        Ok(true)
    }
}

/// The requests of all connections.
struct Source<'a, W> {
    workload: &'a mut W,
    stop: Stop,
    start: Instant,
    sent: u64,
}

impl<W: Workload> Source<'_, W> {
    fn next(&mut self, request: &mut Vec<u8>, now: Instant) -> Option<usize> {
        let go_on = match self.stop {
            Stop::After(duration) => now - self.start < duration,
            Stop::AfterRequests(requests) => self.sent < requests,
        };
        let number = if go_on { self.workload.next(request)? } else { return None };
        self.sent += 1;
        Some(number)
    }
}

/// From 1 ns to 1 min in steps of 0.1 %.
pub(crate) fn latencies() -> Histogram<u64> {
    const MINUTE: u64 = 60_000_000_000;
    let Ok(histogram) = Histogram::new_with_bounds(1, MINUTE, 3) else {
        unreachable!("the bounds are constants, and in order")
    };
    histogram
}

pub(crate) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
