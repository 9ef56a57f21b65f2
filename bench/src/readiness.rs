//! Which connections have something to read.

use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};

use crate::PATIENCE;
use crate::connection::Connection;

/// Whoever has something else to do soon sleeps no longer than this.
const MOMENT: Duration = Duration::from_millis(1);

/// How to wait for answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// Ask the kernel again and again. Over loopback the server's core has to wake whoever sleeps,
    /// which it never does for a client on another machine, and which can take it longer than the
    /// answer.
    Polling,
    /// Sleep, where the core is needed by the server.
    Sleeping,
}

/// The connections that are watched, each by its number.
pub(crate) struct Readiness {
    epoll: OwnedFd,
    wait: Wait,
    events: Vec<Event>,
    idle: Duration,
}

impl Readiness {
    pub(crate) fn watch<'a>(
        connections: impl ExactSizeIterator<Item = &'a Connection>,
        wait: Wait,
    ) -> io::Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        let events = Vec::with_capacity(connections.len());
        for (number, connection) in (0..).zip(connections) {
            epoll::add(&epoll, connection, EventData::new_u64(number), EventFlags::IN)?;
        }
        Ok(Self { epoll, wait, events, idle: Duration::ZERO })
    }

    /// Waits until at least one connection can be read.
    pub(crate) fn next(&mut self) -> io::Result<impl Iterator<Item = usize>> {
        let begin = Instant::now();
        let mut polled = begin;
        while self.poll(PATIENCE)?.is_empty() {
            polled = Instant::now();
            if polled - begin > PATIENCE {
                return Err(io::ErrorKind::TimedOut.into());
            }
        }
        // The poll that brings something is work; who sleeps is idle until it does.
        self.idle += match self.wait {
            Wait::Polling => polled - begin,
            Wait::Sleeping => begin.elapsed(),
        };
        Ok(self.events.iter().filter_map(number))
    }

    /// Those that can be read now; where the core is needed by the server, after a moment.
    pub(crate) fn look(&mut self) -> io::Result<impl Iterator<Item = usize>> {
        self.poll(MOMENT)?;
        Ok(self.events.iter().filter_map(number))
    }

    fn poll(&mut self, longest_sleep: Duration) -> io::Result<&[Event]> {
        let timeout = match self.wait {
            Wait::Polling => Duration::ZERO,
            Wait::Sleeping => longest_sleep,
        };
        let timeout = Timespec::try_from(timeout).map_err(io::Error::other)?;
        self.events.clear();
        epoll::wait(&self.epoll, spare_capacity(&mut self.events), Some(&timeout))?;
        Ok(&self.events)
    }

    /// How long there has been nothing to do.
    pub(crate) fn idle(&self) -> Duration {
        self.idle
    }
}

fn number(event: &Event) -> Option<usize> {
    usize::try_from(event.data.u64()).ok()
}
