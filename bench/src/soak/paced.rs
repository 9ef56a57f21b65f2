//! A load at a pace: a request is due at its time, whether or not those before it were answered.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::PATIENCE;
use crate::connection::Connection;
use crate::error::Error;
use crate::load::{Target, latencies, nanoseconds};
use crate::readiness::Readiness;
use crate::slice::float;
use crate::workload::Workload;

/// Connections that stay open, each with one request in flight at the most.
pub(crate) struct Paced {
    lanes: Vec<Lane>,
    readiness: Readiness,
}

/// What happened within some seconds.
pub(crate) struct Window {
    /// From the first request to the last answer.
    elapsed: Duration,
    /// Of each request, from when it was due until its answer was read, in nanoseconds: a server
    /// that stands still for a while is slow for all who would have asked meanwhile.
    latencies: Histogram<u64>,
}

impl Window {
    pub(crate) fn requests_per_second(&self) -> f64 {
        float(self.latencies.len()) / self.elapsed.as_secs_f64()
    }

    pub(crate) fn quantile_ms(&self, quantile: f64) -> f64 {
        float(self.latencies.value_at_quantile(quantile)) / 1e6
    }
}

struct Lane {
    connection: Connection,
    request: Vec<u8>,
    number: usize,
    due: Instant,
}

impl Paced {
    /// Opens the connections.
    pub(crate) fn open(target: Target, connections: usize) -> Result<Self, Error> {
        let lane = |_| {
            let connection = Connection::open(target.address)?;
            Ok(Lane { connection, request: Vec::new(), number: 0, due: Instant::now() })
        };
        let lanes = (0..connections).map(lane).collect::<Result<Vec<_>, std::io::Error>>();
        let lanes = lanes.map_err(Error::io("connect to the server"))?;
        let readiness = Readiness::watch(lanes.iter().map(|lane| &lane.connection), target.wait)
            .map_err(Error::io("watch connections"))?;
        Ok(Self { lanes, readiness })
    }

    /// Sends `rate` requests a second for so long; without a rate, a request on each connection as
    /// soon as the one before is answered.
    pub(crate) fn run(
        &mut self,
        rate: Option<f64>,
        duration: Duration,
        workload: &mut impl Workload,
    ) -> Result<Window, Error> {
        let interval = rate.map(|rate| Duration::from_secs_f64(1.0 / rate));
        let start = Instant::now();
        let end = start + duration;
        let (mut due, mut heard) = (start, start);
        let mut latencies = latencies();
        let mut free: Vec<usize> = (0..self.lanes.len()).collect();
        loop {
            let now = Instant::now();
            while now < end
                && due <= now
                && let Some(number) = free.pop()
            {
                self.lanes[number].ask(workload, interval.map_or(now, |_| due))?;
                due += interval.unwrap_or_default();
            }
            if free.len() == self.lanes.len() {
                if now >= end {
                    break;
                }
                heard = now;
            } else if now - heard > PATIENCE {
                return Err(Error::io("get an answer")(std::io::ErrorKind::TimedOut));
            }
            for number in self.readiness.look().map_err(Error::io("get an answer"))? {
                let lane = &mut self.lanes[number];
                let received = lane.connection.receive();
                let Some(answer) = received.map_err(Error::io("get an answer"))? else { continue };
                heard = Instant::now();
                latencies.saturating_record(nanoseconds(heard - lane.due));
                workload.check(lane.number, answer)?;
                free.push(number);
            }
        }
        Ok(Window { elapsed: start.elapsed(), latencies })
    }
}

impl Lane {
    fn ask(&mut self, workload: &mut impl Workload, due: Instant) -> Result<(), Error> {
        self.request.clear();
        if let Some(number) = workload.next(&mut self.request) {
            self.number = number;
        }
        self.due = due;
        self.connection.send(&self.request).map_err(Error::io("send a request"))
    }
}
