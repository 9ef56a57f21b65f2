//! The load: a number of connections, each with one request in flight.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use hdrhistogram::Histogram;

use crate::connection::Connection;
use crate::error::Error;
use crate::process::CpuClock;
use crate::workload::Workload;

/// A place to send requests to, and the process that answers them.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) pid: u32,
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
    /// CPU time of this process.
    pub(crate) generator_cpu: Duration,
}

impl Load {
    pub(crate) fn requests(&self) -> u64 {
        self.latencies.len()
    }
}

/// Opens the connections, then works on `workload` through all of them until `stop`.
pub(crate) async fn drive(
    target: Target,
    connections: usize,
    stop: Stop,
    workload: &mut impl Workload,
) -> Result<Load, Error> {
    let open = (0..connections).map(|_| Connection::open(target.address));
    let open = try_join_all(open).await.map_err(Error::io("connect to the server"))?;

    let shared = RefCell::new(Shared { workload, latencies: latencies(), sent: 0 });
    let server = CpuClock::of(target.pid)?;
    let generator = CpuClock::of(std::process::id())?;
    let start = Instant::now();
    let limit = match stop {
        Stop::After(duration) => Limit { deadline: Some(start + duration), requests: u64::MAX },
        Stop::AfterRequests(requests) => Limit { deadline: None, requests },
    };
    try_join_all(open.into_iter().map(|connection| work(connection, limit, &shared))).await?;

    Ok(Load {
        elapsed: start.elapsed(),
        latencies: shared.into_inner().latencies,
        server_cpu: server.elapsed()?,
        generator_cpu: generator.elapsed()?,
    })
}

#[derive(Clone, Copy)]
struct Limit {
    deadline: Option<Instant>,
    requests: u64,
}

struct Shared<'a, W> {
    workload: &'a mut W,
    latencies: Histogram<u64>,
    sent: u64,
}

impl<W: Workload> Shared<'_, W> {
    fn next(&mut self, limit: Limit, now: Instant, request: &mut Vec<u8>) -> Option<usize> {
        if self.sent >= limit.requests || limit.deadline.is_some_and(|deadline| now >= deadline) {
            return None;
        }
        let number = self.workload.next(request)?;
        self.sent += 1;
        Some(number)
    }
}

async fn work(
    mut connection: Connection,
    limit: Limit,
    shared: &RefCell<Shared<'_, impl Workload>>,
) -> Result<(), Error> {
    let mut request = Vec::new();
    let mut now = Instant::now();
    loop {
        let next = shared.borrow_mut().next(limit, now, &mut request);
        let Some(number) = next else { return Ok(()) };
        let started = Instant::now();
        let answer = connection.exchange(&request).await.map_err(Error::io("get an answer"))?;
        now = Instant::now();
        let shared = &mut *shared.borrow_mut();
        shared.latencies.saturating_record(nanoseconds(now - started));
        shared.workload.check(number, answer)?;
        request.clear();
    }
}

/// From 1 ns to 1 min in steps of 0.1 %.
fn latencies() -> Histogram<u64> {
    const MINUTE: u64 = 60_000_000_000;
    let Ok(histogram) = Histogram::new_with_bounds(1, MINUTE, 3) else {
        unreachable!("the bounds are constants, and in order")
    };
    histogram
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
