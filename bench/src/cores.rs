//! Which core runs what. On a core each, the server and the load do not take time from one
//! another, and the scheduler moves neither.

use std::fmt;
use std::fs;
use std::io;

use rustix::thread::{CpuSet, Pid, sched_getaffinity, sched_setaffinity};

use crate::error::Error;
use crate::readiness::Wait;

/// The cores of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cores {
    /// A core for each.
    Pinned { server: usize, generator: usize },
    /// There is only one.
    Shared,
}

impl Cores {
    /// The first two cores that this process may use.
    pub(crate) fn choose() -> Result<Self, Error> {
        let allowed = sched_getaffinity(None).map_err(Error::io("read the allowed cores"))?;
        let mut allowed = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
        Ok(match (allowed.next(), allowed.next()) {
            (Some(generator), Some(server)) => Self::Pinned { server, generator },
            _ => Self::Shared,
        })
    }

    /// Whoever has a core for itself need not give it up while it waits.
    pub(crate) fn wait(self) -> Wait {
        match self {
            Self::Pinned { .. } => Wait::Polling,
            Self::Shared => Wait::Sleeping,
        }
    }

    /// Starts a server on its core and leaves this process, every thread of it, on the other one.
    ///
    /// A process inherits the cores of the thread that starts it, so that the server sees one core
    /// from its first instruction and makes as many threads as it would on such a machine.
    pub(crate) fn start<T>(
        self,
        server: impl FnOnce() -> Result<T, rescind_harness::Error>,
    ) -> Result<T, Error> {
        let Self::Pinned { server: its_core, generator } = self else {
            return Ok(server()?);
        };
        pin(None, its_core).map_err(Error::io("pin the server to a core"))?;
        let started = server();
        pin_all_threads(generator).map_err(Error::io("pin the load generator to a core"))?;
        Ok(started?)
    }
}

impl fmt::Display for Cores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pinned { server, generator } => {
                write!(f, "server on core {server}, load generator on core {generator}")
            }
            Self::Shared => f.write_str("server and load generator share the only core"),
        }
    }
}

/// The threads that read what the server writes were made while this thread was on its core.
fn pin_all_threads(core: usize) -> io::Result<()> {
    for thread in fs::read_dir("/proc/self/task")? {
        let id = thread?.file_name().to_string_lossy().parse().ok().and_then(Pid::from_raw);
        match pin(id, core) {
            // It has ended since.
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::SRCH.raw_os_error()) => {}
            result => result?,
        }
    }
    Ok(())
}

fn pin(thread: Option<Pid>, core: usize) -> io::Result<()> {
    let mut only = CpuSet::new();
    only.set(core);
    Ok(sched_setaffinity(thread, &only)?)
}
